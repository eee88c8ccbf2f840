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
import { USERS_ENV, type UsersEnv } from './users.config';
import { ForeignUsersInternalController } from './foreign/foreign-users.internal.controller';
import { ForeignUsersRepository } from './foreign/foreign-users.repository';
import { ForeignUsersService } from './foreign/foreign-users.service';
import { ServerUsersController } from './foreign/server-users.controller';
import { BlocksController } from './friends/blocks.controller';
import { FriendListsRepository } from './friends/friend-lists.repository';
import { FriendsController } from './friends/friends.controller';
import { FriendsMessagesController } from './friends/friends.messages.controller';
import { FriendsInternalController } from './friends/friends.internal.controller';
import { FriendsPresence } from './friends/friends-presence';
import { FriendsRepository } from './friends/friends.repository';
import { FriendsService } from './friends/friends.service';
import { SignUpController } from './sign-up/sign-up.controller';
import { SignUpRepository } from './sign-up/sign-up.repository';
import { SignUpService } from './sign-up/sign-up.service';
import { migrations } from './store/migrations';
import { AuthEventsController } from './users/auth.events.controller';
import { UserEvents } from './users/user-events';
import { UsersController } from './users/users.controller';
import { UsersInternalController } from './users/users.internal.controller';
import { UsersMessagesController } from './users/users.messages.controller';
import { UsersRepository } from './users/users.repository';
import { UsersService } from './users/users.service';

const app = 'api-users';

@Module({
  controllers: [
    ...[SignUpController, UsersController, UsersInternalController, AuthEventsController],
    ...[FriendsController, BlocksController, UsersMessagesController, FriendsMessagesController],
    ...[FriendsInternalController, ForeignUsersInternalController, ServerUsersController],
  ],
  providers: [
    ...[PasswordHasher, SignUpRepository, SignUpService, UserEvents, UsersRepository, UsersService],
    ...[FriendListsRepository, FriendsRepository, FriendsService, FriendsPresence],
    ...[ForeignUsersRepository, ForeignUsersService],
  ],
})
export class AppModule {
  static forRoot(env: UsersEnv, logger: Logger): DynamicModule {
    const registry = new Registry();
    const topics = topicSpecs(['users.events', 'auth.events', 'users.requests', 'replies'], env);
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
      providers: [{ provide: USERS_ENV, useValue: env }],
    };
  }
}
