import { type DynamicModule, Module } from '@nestjs/common';
import { kafkaConfigFrom, KafkaModule } from '@maru/kafka-client';
import {
  type Logger,
  OutboxModule,
  PasswordHasher,
  ServiceKitModule,
  StoreModule,
  topicSpecs,
} from '@maru/service-kit';
import { Registry } from 'prom-client';
import { AUTH_ENV, type AuthEnv } from './auth.config';
import { AccountsService } from './credentials/accounts.service';
import { CredentialsController } from './credentials/credentials.controller';
import { CredentialsRepository } from './credentials/credentials.repository';
import { CredentialsService } from './credentials/credentials.service';
import { GuessesService } from './credentials/guesses.service';
import { PasswordsController } from './credentials/passwords.controller';
import { PasswordsService } from './credentials/passwords.service';
import { UsersEventsController } from './credentials/users.events.controller';
import { KeysController } from './keys/keys.controller';
import { KeysRepository } from './keys/keys.repository';
import { KeysService } from './keys/keys.service';
import { TokensService } from './keys/tokens.service';
import { ServerKeysInternalController } from './server-keys/server-keys.internal.controller';
import { ServerKeysRepository } from './server-keys/server-keys.repository';
import { ServerKeysService } from './server-keys/server-keys.service';
import { ServerSessionsController } from './server-keys/server-sessions.controller';
import { ServerSessionsService } from './server-keys/server-sessions.service';
import { LogInService } from './sessions/log-in.service';
import { SessionsController } from './sessions/sessions.controller';
import { SessionsMessagesController } from './sessions/sessions.messages.controller';
import { SessionsRepository } from './sessions/sessions.repository';
import { SessionsService } from './sessions/sessions.service';
import { TicketsController } from './sessions/tickets.controller';
import { TicketsRepository } from './sessions/tickets.repository';
import { migrations } from './store/migrations';

const app = 'api-auth';

@Module({
  controllers: [
    CredentialsController,
    PasswordsController,
    SessionsController,
    SessionsMessagesController,
    TicketsController,
    KeysController,
    UsersEventsController,
    ServerKeysInternalController,
    ServerSessionsController,
  ],
  providers: [
    AccountsService,
    CredentialsRepository,
    CredentialsService,
    GuessesService,
    KeysRepository,
    KeysService,
    LogInService,
    PasswordHasher,
    PasswordsService,
    ServerKeysRepository,
    ServerKeysService,
    ServerSessionsService,
    SessionsRepository,
    SessionsService,
    TicketsRepository,
    TokensService,
  ],
})
export class AppModule {
  static forRoot(env: AuthEnv, logger: Logger): DynamicModule {
    const registry = new Registry();
    const topics = topicSpecs(['auth.events', 'users.events', 'auth.requests', 'replies'], env);
    return {
      module: AppModule,
      imports: [
        StoreModule.forRoot({ app, env, logger, migrations }),
        KafkaModule.forRoot({
          config: kafkaConfigFrom(env, app),
          source: `/${app}`,
          logger,
          registry,
          asksNobody: true,
        }),
        ServiceKitModule.forRoot({ app, env, logger, registry, topics }),
        OutboxModule.forRoot({ source: `/${app}` }),
      ],
      providers: [{ provide: AUTH_ENV, useValue: env }],
    };
  }
}
