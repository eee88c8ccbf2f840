import { KafkaTransport } from '@maru/kafka-client';
import { createLogger, exitOnError, readServiceEnvironment, runService } from '@maru/service-kit';
import { usersEnv } from './users.config';
import { AppModule } from './app.module';

exitOnError(async () => {
  const env = readServiceEnvironment(usersEnv);
  const logger = createLogger('api-users', env.LOG_LEVEL);
  const module = AppModule.forRoot(env, logger);
  await runService({
    app: 'api-users',
    port: env.PORT,
    env,
    logger,
    module,
    transport: (app) => KafkaTransport.of(app, { group: env.KAFKA_GROUP }),
  });
});
