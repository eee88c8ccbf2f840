import { createLogger, exitOnError, runService, tlsFiles } from '@maru/service-kit';
import { configureGateway } from './configure';
import { Drain } from './core/drain.service';
import { readGatewayEnvironment } from './gateway.config';
import { GatewayModule } from './gateway.module';

exitOnError(async () => {
  const env = readGatewayEnvironment();
  const logger = createLogger('gateway', env.LOG_LEVEL);
  await runService({
    app: 'gateway',
    port: env.PORT,
    env,
    logger,
    module: GatewayModule.forRoot(env, logger),
    tls: tlsFiles(env),
    configure: (app) => configureGateway(app, env),
    drain: (app) => app.get(Drain).run(),
  });
});
