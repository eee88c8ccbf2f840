import type { Admin } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.config';
import { KafkaUnavailableError, SendRefusedError } from '../errors';
import { brokerErrorType, kafkaClient } from '../kafkajs/client';
import type { Logger } from '../logger';
import { backOff, pause } from '../time';

/** A broker may learn a little later than its controller that a topic was made. */
const NEW_TOPIC_MS = 5000;

/** How many partitions a topic has, asked of the cluster once: counts change only while nobody runs. */
export class PartitionCounts {
  private readonly counts = new Map<string, Promise<number>>();
  private readonly closed = new AbortController();

  constructor(
    private readonly config: KafkaConfig,
    private readonly logger: Logger,
  ) {}

  /** Always the same promise for a topic, so that callers who wait for it go on in the order they came. */
  of(topic: string): Promise<number> {
    let count = this.counts.get(topic);
    if (!count) {
      count = this.ask(topic);
      this.counts.set(topic, count);
      count.catch(() => this.counts.delete(topic));
    }
    return count;
  }

  async close(): Promise<void> {
    this.closed.abort();
  }

  private async ask(topic: string): Promise<number> {
    const start = Date.now();
    const deadline = start + this.config.sendTimeoutMs;
    let cause: unknown;
    for (let attempt = 0; Date.now() < deadline && !this.closed.signal.aborted; attempt++) {
      const admin = kafkaClient(this.config, 'producer', this.logger).admin();
      try {
        return await partitionsOf(admin, topic);
      } catch (error) {
        cause = error;
        const unknown = brokerErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
        if (unknown && Date.now() - start > NEW_TOPIC_MS) {
          throw new SendRefusedError(`the topic ${topic} does not exist`, error);
        }
        await pause(backOff(attempt, 50, 1000), this.closed.signal);
      } finally {
        void admin.disconnect().catch(() => undefined);
      }
    }
    throw new KafkaUnavailableError(`the partitions of ${topic} could not be looked up in time`, cause);
  }
}

async function partitionsOf(admin: Admin, topic: string): Promise<number> {
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? 0;
}
