import type { KafkaConfig } from '../config/kafka.config';
import type { KafkaTools } from '../tools';
import type { RunningSubscription, Subscription } from './subscription';

export class ConsumerService {
  constructor(
    protected readonly config: KafkaConfig,
    protected readonly tools: KafkaTools = {},
  ) {}

  /** Joins the group; resolves when the first assignment is there and every position is known. */
  async subscribe(subscription: Subscription): Promise<RunningSubscription> {
    throw new Error(`not yet: ${subscription.group}`);
  }

  async stop(): Promise<void> {}
}
