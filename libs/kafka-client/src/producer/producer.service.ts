import type { KafkaConfig } from '../config/kafka.config';
import type { OutgoingRecord, RecordPosition } from '../records/record';
import type { KafkaTools } from '../tools';

export class ProducerService {
  constructor(
    protected readonly config: KafkaConfig,
    protected readonly tools: KafkaTools = {},
  ) {}

  async start(): Promise<void> {}

  /** Sends what is queued, for at most the send time-out, and disconnects. */
  async stop(): Promise<void> {}

  /** Resolves when all in-sync replicas have the record; gathered with whatever else waits for its partition. */
  async send(record: OutgoingRecord): Promise<RecordPosition> {
    throw new Error(`not yet: ${record.topic}`);
  }

  /** One partition's records in order, after all earlier ones of this process for that partition. */
  async sendBatch(
    topic: string,
    partition: number,
    records: Omit<OutgoingRecord, 'topic' | 'partition'>[],
  ): Promise<void> {
    throw new Error(`not yet: ${topic} ${partition} ${records.length}`);
  }

  async partitionFor(topic: string, key: string): Promise<number> {
    throw new Error(`not yet: ${topic} ${key}`);
  }

  async partitionCount(topic: string): Promise<number> {
    throw new Error(`not yet: ${topic}`);
  }
}
