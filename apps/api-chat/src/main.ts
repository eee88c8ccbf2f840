import { KafkaTransport } from '@maru/kafka-client';
import {
  createLogger,
  exitOnError,
  readEnvironment,
  refuseDevelopmentSecret,
  runService,
} from '@maru/service-kit';
import { AppModule } from './app.module';
import { chatEnv } from './chat.config';

exitOnError(async () => {
  const env = readEnvironment(chatEnv);
  refuseDevelopmentSecret(env);
  const logger = createLogger('api-chat', env.LOG_LEVEL);
  await runService({
    app: 'api-chat',
    port: env.PORT,
    env,
    logger,
    module: AppModule.forRoot(env, logger),
    transport: (app) => KafkaTransport.of(app, { group: 'api-chat-users' }),
  });
});
