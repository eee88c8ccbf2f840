import { KafkaTransport } from '@maru/kafka-client';
import { createLogger, exitOnError, readServiceEnvironment, runService } from '@maru/service-kit';
import { authEnv } from './auth.config';
import { AppModule } from './app.module';
import { serverKeysCommand } from './server-keys/server-keys.command';

exitOnError(async () => {
  const env = readServiceEnvironment(authEnv);
  if (process.argv[2] === 'server-keys') {
    process.stdout.write(`${await serverKeysCommand(env.DATABASE_URL, process.argv.slice(3))}\n`);
    return;
  }
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
