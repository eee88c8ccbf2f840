import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { KafkaConfig } from '../config/kafka.config';
import { ConsumerService } from '../consumer/consumer.service';
import { DeadLetters } from '../dead-letters/dead-letters';
import type { Logger } from '../logger';
import { KafkaMetrics } from '../metrics';
import { ProducerService } from '../producer/producer.service';
import { ReplyService } from '../requests/reply.service';
import { RequestClient } from '../requests/request-client';
import { TopicsAdmin } from '../topics/topics-admin';
import type { KafkaTools } from '../tools';
import { KAFKA_CONFIG, KAFKA_TOOLS } from './kafka.tokens';

export interface KafkaModuleOptions {
  config: KafkaConfig;
  /** The CloudEvents source of this app's commands; default `/` and the client id. */
  source?: string;
  logger?: Logger;
  registry?: Registry;
  /** How long a request waits for its reply; default 10,000 ms. */
  requestTimeoutMs?: number;
  maxOutstandingRequests?: number;
  /** The app answers at most, and may not read the topic of replies. */
  asksNobody?: true;
}

const OPTIONS = Symbol('kafka module options');

const provide = <T>(
  token: FactoryProvider['provide'],
  inject: FactoryProvider['inject'],
  useFactory: (...parts: never[]) => T,
) => ({ provide: token, inject: inject ?? [], useFactory: useFactory as (...parts: unknown[]) => T });

const parts = [
  provide(KAFKA_CONFIG, [OPTIONS], ({ config }: KafkaModuleOptions) => config),
  provide(KAFKA_TOOLS, [OPTIONS], ({ logger, registry }: KafkaModuleOptions): KafkaTools => ({
    ...(logger && { logger }),
    metrics: new KafkaMetrics(registry),
  })),
  ...[TopicsAdmin, ProducerService, ConsumerService].map((Part) =>
    provide(
      Part,
      [KAFKA_CONFIG, KAFKA_TOOLS],
      (config: KafkaConfig, tools: KafkaTools) => new Part(config, tools),
    ),
  ),
  provide(ReplyService, [ProducerService], (producer: ProducerService) => new ReplyService(producer)),
  provide(
    RequestClient,
    [ProducerService, ConsumerService, OPTIONS],
    (producer: ProducerService, consumer: ConsumerService, options: KafkaModuleOptions) =>
      new RequestClient(producer, consumer, {
        source: options.source ?? `/${options.config.clientId}`,
        ...(options.requestTimeoutMs !== undefined && { timeoutMs: options.requestTimeoutMs }),
        ...(options.maxOutstandingRequests !== undefined && {
          maxOutstanding: options.maxOutstandingRequests,
        }),
      }),
  ),
  provide(
    DeadLetters,
    [KAFKA_CONFIG, ProducerService, ConsumerService, TopicsAdmin, KAFKA_TOOLS],
    (
      config: KafkaConfig,
      producer: ProducerService,
      consumer: ConsumerService,
      admin: TopicsAdmin,
      tools: KafkaTools,
    ) => new DeadLetters({ config, producer, consumer, admin }, tools),
  ),
];

/**
 * The Kafka parts of an app, one of each, everywhere. The producer connects in `onModuleInit`; the request
 * client, whose topic another module's `onModuleInit` may have to make, before the app listens. On shutdown
 * consumers end first, since their workers still send.
 */
@Global()
@Module({})
export class KafkaModule implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(ProducerService) private readonly producer: ProducerService,
    @Inject(ConsumerService) private readonly consumer: ConsumerService,
    @Inject(RequestClient) private readonly requests: RequestClient,
    @Inject(TopicsAdmin) private readonly admin: TopicsAdmin,
    @Inject(OPTIONS) private readonly options: KafkaModuleOptions,
  ) {}

  static forRoot(options: KafkaModuleOptions): DynamicModule {
    return KafkaModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync(options: {
    imports?: ModuleMetadata['imports'];
    inject?: FactoryProvider['inject'];
    useFactory: (...parts: never[]) => KafkaModuleOptions | Promise<KafkaModuleOptions>;
  }): DynamicModule {
    return {
      module: KafkaModule,
      imports: options.imports ?? [],
      providers: [provide(OPTIONS, options.inject, options.useFactory), ...parts],
      exports: parts.map((part) => part.provide),
    };
  }

  async onModuleInit(): Promise<void> {
    await this.producer.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.options.asksNobody) return;
    // Where there are no replies yet, the client starts with its first request.
    if (await this.admin.exists('replies')) await this.requests.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.requests.stop();
    await this.consumer.stop();
    await this.producer.stop();
    await this.admin.stop();
  }
}
