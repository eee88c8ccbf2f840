import { KafkaTransport } from '@maru/kafka-client';
import { createLogger, exitOnError, readServiceEnvironment, runService } from '@maru/service-kit';
import { AppModule } from './app.module';
import { chatEnv, mustHaveWebhookSecret } from './chat.config';
import { acceptLostLog } from './writer/accept-lost-log.command';

exitOnError(async () => {
  const env = readServiceEnvironment(chatEnv);
  mustHaveWebhookSecret(env);
  if (process.argv[2] === 'accept-lost-log') {
    const moved = await acceptLostLog(env);
    process.stdout.write(`${moved.length === 0 ? 'No partition lost records.' : moved.join('\n')}\n`);
    return;
  }
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
