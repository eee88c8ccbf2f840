import { type DynamicModule, Module } from '@nestjs/common';
import { kafkaAccess } from '@maru/contracts';
import { kafkaConfigFrom, KafkaModule } from '@maru/kafka-client';
import { type Logger, ServiceKitModule, topicSpecs } from '@maru/service-kit';
import { Registry } from 'prom-client';
import type { RouterEnv } from './router.config';
import { RouterMetrics } from './routing/router.metrics';
import { RouterService } from './routing/router.service';
import { Shards } from './routing/shards.service';

const app = 'router';

/** The router: sends each event only to the gateways that hold a member. It has no database. */
@Module({ providers: [RouterMetrics, RouterService, Shards] })
export class RouterModule {
  static forRoot(env: RouterEnv, logger: Logger): DynamicModule {
    const registry = new Registry();
    const { reads, writes } = kafkaAccess.router;
    return {
      module: RouterModule,
      imports: [
        KafkaModule.forRoot({
          ...{ config: kafkaConfigFrom(env, app), source: `/${app}`, logger, registry },
          asksNobody: true,
        }),
        ServiceKitModule.forRoot({
          ...{ app, env, logger, registry },
          topics: topicSpecs([...new Set([...reads, ...writes])], env),
        }),
      ],
    };
  }
}
