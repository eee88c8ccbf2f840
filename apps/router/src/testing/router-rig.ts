import { setTimeout as delay } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import {
  kafkaConfig,
  kafkaConfigFrom,
  ConsumerService,
  type IncomingRecord,
  ProducerService,
  TopicsAdmin,
} from '@maru/kafka-client';
import { topics } from '@maru/contracts';
import { createLogger, createService, readEnvironment } from '@maru/service-kit';
import { routerEnv } from '../router.config';
import { RouterModule } from '../router.module';

export async function until(what: string, isSo: () => unknown, ms = 20_000): Promise<void> {
  for (const end = Date.now() + ms; !(await isSo()); await delay(20)) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
  }
}

/** A router in this process on the real broker. */
export class Router {
  private constructor(private readonly app: NestExpressApplication) {}

  static async start(): Promise<Router> {
    const env = readEnvironment(routerEnv, { ...process.env, PORT: '0', LOG_LEVEL: 'silent' });
    const logger = createLogger('router', env.LOG_LEVEL);
    const app = await createService({
      ...{ app: 'router', port: 0, env, logger, module: RouterModule.forRoot(env, logger) },
    });
    await app.listen(0, '127.0.0.1');
    const router = new Router(app);
    await until('the router is ready', () => router.isReady());
    return router;
  }

  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${await this.app.getUrl()}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length) ?? NaN,
    );
  }

  stop(): Promise<void> {
    return this.app.close();
  }

  private async isReady(): Promise<boolean> {
    return (await fetch(`${await this.app.getUrl()}/health/ready`)).status === 200;
  }
}

/** Kafka as gateways and api-chat use it. */
export class Logs {
  readonly producer: ProducerService;
  private readonly consumer: ConsumerService;
  readonly admin: TopicsAdmin;
  /** What was sent to the slots, in order. */
  readonly delivered: IncomingRecord[] = [];
  /** The keys of `gateway.rooms` whose last record says something, as compaction leaves them. */
  readonly kept = new Set<string>();

  constructor() {
    const config = kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: process.env.KAFKA_BROKERS }), 'test');
    this.producer = new ProducerService(config);
    this.consumer = new ConsumerService(config);
    this.admin = new TopicsAdmin(config);
  }

  async listen(): Promise<void> {
    await this.producer.start();
    const names = [topics.gatewayDeliveries, topics.gatewayRooms];
    const ends = new Map<string, number[]>();
    for (const name of names) ends.set(name, await this.admin.ends(name));
    await this.consumer.subscribe({
      group: `test.${Date.now()}`,
      topics: names,
      partitions: Object.fromEntries([...ends].map(([name, all]) => [name, all.map((_, at) => at)])),
      fromBeginning: false,
      worker: async (queue) => {
        queue.seek(ends.get(queue.topic)?.[queue.partition] ?? 0);
        for (;;) this.take(queue.topic, await queue.next(1000));
      },
    });
  }

  private take(topic: string, records: readonly IncomingRecord[]): void {
    if (topic === topics.gatewayDeliveries) this.delivered.push(...records);
    else for (const { key, value } of records) this.kept[value === null ? 'delete' : 'add'](key ?? '');
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
    await this.producer.stop();
    await this.admin.stop();
  }
}
