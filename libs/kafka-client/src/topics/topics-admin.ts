import type { KafkaConfig } from '../config/kafka.config';
import type { KafkaTools } from '../tools';
import type { TopicDescription, TopicSpec } from './topic-spec';

export class TopicsAdmin {
  constructor(
    protected readonly config: KafkaConfig,
    protected readonly tools: KafkaTools = {},
  ) {}

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  /** Makes what is missing; `TopicMismatchError` when one exists and differs. */
  async ensure(topics: TopicSpec[]): Promise<void> {
    throw new Error(`not yet ${topics.length}`);
  }
  async describe(topic: string): Promise<TopicDescription | undefined> {
    throw new Error(`not yet ${topic}`);
  }
  async clusterId(): Promise<string> {
    throw new Error('not yet');
  }
  /** The log's end of each partition, by partition number: the offset that the next record gets. */
  async ends(topic: string): Promise<number[]> {
    throw new Error(`not yet ${topic}`);
  }
  /** The first offset still kept of each partition, by partition number. */
  async starts(topic: string): Promise<number[]> {
    throw new Error(`not yet ${topic}`);
  }
  /** Of each partition the first offset whose record is not older than `timestamp` (ms); the end when there is none. */
  async offsetsAt(topic: string, timestamp: number): Promise<number[]> {
    throw new Error(`not yet ${topic} ${timestamp}`);
  }
}
