import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import { type Kysely, OutboxRelay } from '@maru/postgres';
import type { Logger } from '../logging/logger';
import { LOGGER } from '../service-kit.module';
import { STORE } from './store.module';

export interface OutboxOptions {
  /** Who tells the events: the CloudEvents source, such as `/api-users`. */
  source: string;
}

/**
 * Publishes the service's outbox as CloudEvents while the app runs. Inject `OutboxRelay` and `wake()` it after
 * a commit. An event's `ce_id` stays the same when it is published again.
 */
@Module({})
export class OutboxModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(OutboxRelay) private readonly relay: OutboxRelay<never>) {}

  static forRoot({ source }: OutboxOptions): DynamicModule {
    return {
      module: OutboxModule,
      providers: [
        {
          provide: OutboxRelay,
          inject: [STORE, ProducerService, LOGGER],
          useFactory: (store: Kysely<never>, producer: ProducerService, logger: Logger) =>
            new OutboxRelay(store, {
              publish: ({ id, topic, key, type, value }) =>
                producer.send({ topic, key, value, headers: cloudEventHeaders({ type, source, id }) }),
              onError: (error) =>
                logger.warn({
                  event: 'outbox_failed',
                  reason: error instanceof Error ? error.message : String(error),
                }),
            }),
        },
      ],
      exports: [OutboxRelay],
    };
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  /** HTTP and Kafka have stopped by now, so nothing more comes; what is under way is published. */
  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}
