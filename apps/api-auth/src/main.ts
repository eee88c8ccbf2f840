import { KafkaTransport } from '@maru/kafka-client';
import { createLogger, exitOnError, readServiceEnvironment, runService } from '@maru/service-kit';
import { authEnv } from './auth.config';
import { AppModule } from './app.module';

exitOnError(async () => {
  const env = readServiceEnvironment(authEnv);
  const logger = createLogger('api-auth', env.LOG_LEVEL);
  const module = AppModule.forRoot(env, logger);
  await runService({
    app: 'api-auth',
    port: env.PORT,
    env,
    logger,
    module,
    transport: (app) => KafkaTransport.of(app, { group: env.KAFKA_GROUP }),
  });
});
