import type { Type } from '@nestjs/common';
import { KafkaTransport } from '@maru/kafka-client';
import { createLogger, exitOnError, readServiceEnvironment, runService } from '@maru/service-kit';
import { AppModule } from '../../../../api-chat/src/app.module';
import { chatEnv } from '../../../../api-chat/src/chat.config';

/** Runs api-chat as its main.ts does, with one provider swapped for a broken one. */
export function runMutant<T>(provide: Type<T>, useClass: Type<T>): void {
  exitOnError(async () => {
    const env = readServiceEnvironment(chatEnv);
    const logger = createLogger('api-chat', env.LOG_LEVEL);
    const whole = AppModule.forRoot(env, logger);
    const providers = whole.providers?.map((one) => (one === provide ? { provide, useClass } : one)) ?? [];
    if (!providers.some((one) => 'useClass' in one && one.useClass === useClass))
      throw new Error(`api-chat has no ${provide.name} that could be swapped.`);
    await runService({
      app: 'api-chat',
      port: env.PORT,
      env,
      logger,
      module: { ...whole, providers },
      transport: (app) => KafkaTransport.of(app, { group: 'api-chat-users' }),
    });
  });
}
