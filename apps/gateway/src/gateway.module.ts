import { type DynamicModule, Global, Module } from '@nestjs/common';
import { topics } from '@maru/contracts';
import { kafkaConfigFrom, KafkaModule } from '@maru/kafka-client';
import { type Logger, ServiceKitModule, topicSpecs } from '@maru/service-kit';
import { Registry } from 'prom-client';
import { DocsModule } from './docs/docs.module';
import { GATEWAY_ENV, type GatewayEnv } from './gateway.config';
import { MqttModule } from './mqtt/mqtt.module';
import { NoticesModule } from './notices/notices.module';
import { PresenceModule } from './presence/presence.module';
import { SocketIoModule } from './socketio/socketio.module';
import { SseModule } from './sse/sse.module';
import { StompModule } from './stomp/stomp.module';
import { WebSocketModule } from './websocket/websocket.module';

const app = 'gateway';

@Global()
@Module({})
class SettingsModule {
  static of(env: GatewayEnv): DynamicModule {
    const providers = [{ provide: GATEWAY_ENV, useValue: env }];
    return { module: SettingsModule, providers, exports: providers };
  }
}

/** The gateway: every client connection over one core, and the public HTTP door. It has no database. */
@Module({})
export class GatewayModule {
  static forRoot(env: GatewayEnv, logger: Logger): DynamicModule {
    const registry = new Registry();
    return {
      module: GatewayModule,
      imports: [
        SettingsModule.of(env),
        KafkaModule.forRoot({
          config: kafkaConfigFrom(env, app),
          source: `/${app}`,
          logger,
          registry,
          requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
        }),
        ServiceKitModule.forRoot({
          app,
          env,
          logger,
          registry,
          topics: topicSpecs(
            [
              topics.authEvents,
              topics.chatCommands,
              topics.chatEvents,
              topics.chatReads,
              topics.chatSignals,
              topics.presence,
              topics.replies,
              topics.usersEvents,
              topics.usersRequests,
              topics.authRequests,
              topics.chatRequests,
              topics.streamReplies,
              ...(env.DELIVERY === 'routed' ? [topics.gatewayRooms, topics.gatewayDeliveries] : []),
            ],
            env,
          ),
        }),
        SocketIoModule,
        WebSocketModule,
        MqttModule,
        StompModule,
        SseModule,
        NoticesModule,
        PresenceModule,
        DocsModule,
      ],
    };
  }
}
