import { createLogger, exitOnError, readServiceEnvironment, runService } from '@maru/service-kit';
import { routerEnv } from './router.config';
import { RouterModule } from './router.module';

exitOnError(async () => {
  const env = readServiceEnvironment(routerEnv);
  const logger = createLogger('router', env.LOG_LEVEL);
  await runService({
    app: 'router',
    port: env.PORT,
    env,
    logger,
    module: RouterModule.forRoot(env, logger),
  });
});
