import { randomUUID } from 'node:crypto';
import { kafkaConfig, kafkaConfigFrom, type KafkaConfig } from '../config/kafka.config';
import { ConsumerService } from '../consumer/consumer.service';
import type { Subscription } from '../consumer/subscription';
import type { Logger } from '../logger';
import { ProducerService } from '../producer/producer.service';
import type { IncomingRecord } from '../records/record';
import { TopicsAdmin } from '../topics/topics-admin';
import { pause } from '../time';

export const randomName = (word: string): string => `${word}.${randomUUID().slice(0, 8)}`;

export async function until(what: string, holds: () => unknown, ms = 20_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await pause(10);
  }
}

/** Keeps what is logged, so that a test can ask for it. */
export class KeptLog implements Logger {
  readonly lines: { level: string; message: string; event?: string }[] = [];
  debug = this.keep('debug');
  info = this.keep('info');
  warn = this.keep('warn');
  error = this.keep('error');

  private keep(level: string) {
    return (fields: object, message: string) => void this.lines.push({ ...fields, level, message });
  }
}

/** One test's parts on one cluster; `stop` ends all that were made. */
export class TestKafka {
  readonly admin: TopicsAdmin;
  readonly log = new KeptLog();
  private readonly stops: (() => Promise<void>)[] = [];

  constructor(
    readonly config: KafkaConfig = testConfig(),
    readonly replicationFactor = 1,
  ) {
    this.admin = new TopicsAdmin(config, { logger: this.log });
  }

  async topic(partitions = 1, config: Record<string, string> = {}): Promise<string> {
    const name = randomName('test');
    await this.admin.ensure([{ name, partitions, replicationFactor: this.replicationFactor, config }]);
    return name;
  }

  async producer(config: Partial<KafkaConfig> = {}): Promise<ProducerService> {
    const producer = new ProducerService({ ...this.config, ...config }, { logger: this.log });
    this.stops.push(() => producer.stop());
    await producer.start();
    return producer;
  }

  consumer(config: Partial<KafkaConfig> = {}): ConsumerService {
    const consumer = new ConsumerService({ ...this.config, ...config }, { logger: this.log });
    this.stops.unshift(() => consumer.stop());
    return consumer;
  }

  /** Reads a topic from its beginning to its present end, partition by partition. */
  async readBack(topic: string): Promise<IncomingRecord[][]> {
    const ranges = await this.admin.ranges(topic);
    const found: IncomingRecord[][] = ranges.map(() => []);
    const left = new Set(ranges.flatMap(({ start, end }, partition) => (start < end ? [partition] : [])));
    const consumer = new ConsumerService(this.config, { logger: this.log });
    const subscription: Subscription = {
      group: randomName('read-back'),
      topics: [topic],
      partitions: { [topic]: ranges.map((_, partition) => partition) },
      fromBeginning: true,
      worker: async (queue) => {
        for (;;) {
          const records = await queue.next(10_000);
          found[queue.partition]?.push(...records);
          if ((records.at(-1)?.offset ?? 0) >= (ranges[queue.partition]?.end ?? 0) - 1)
            left.delete(queue.partition);
        }
      },
    };
    if (left.size > 0) {
      await consumer.subscribe(subscription);
      await until('the topic is read back', () => left.size === 0, 60_000);
    }
    await consumer.stop();
    return found;
  }

  async stop(): Promise<void> {
    for (const stop of this.stops) await stop();
    await this.admin.stop();
  }
}

/** The shared test broker, or `brokers`; short sessions, so that a test need not wait for long ones. */
export function testConfig(overrides: Partial<KafkaConfig> = {}): KafkaConfig {
  const env = kafkaConfig.parse({ KAFKA_BROKERS: process.env.KAFKA_BROKERS });
  return { ...kafkaConfigFrom(env, 'test'), retry: { count: 2, delayMs: 20 }, ...overrides };
}
