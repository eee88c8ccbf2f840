import type { KafkaConfig } from '../config/kafka.config';
import { TopicsAdmin } from '../topics/topics-admin';
import type { KafkaTools } from '../tools';
import { Positions } from './positions';
import type { RunningSubscription, Subscription } from './subscription';
import { SubscriptionRunner } from './subscription-runner';

/**
 * Reads topics in consumer groups, each assigned partition by a worker of its own over a bounded queue: a
 * slow worker costs neither other partitions nor the membership. Delivery is at least once and in order per
 * partition; a worker that must not see a record twice keeps its position itself and seeks to it.
 */
export class ConsumerService {
  private readonly running = new Map<string, { runner: SubscriptionRunner; started: Promise<void> }>();
  private readonly topics: TopicsAdmin;
  private readonly positions: Positions;
  private readonly lagOfAll = () =>
    [...this.running].flatMap(([group, { runner }]) => runner.lag().map((at) => ({ ...at, group })));

  constructor(
    private readonly config: KafkaConfig,
    private readonly tools: KafkaTools = {},
  ) {
    this.topics = new TopicsAdmin(config, tools);
    this.positions = new Positions(this.topics, config.fromBeginning);
    tools.metrics?.lagOf.add(this.lagOfAll);
  }

  /** Joins the group; resolves when the first assignment is there and every position is known. It waits for a
   * broker or a topic that is not there yet. A group that runs here already is not started twice. */
  async subscribe(subscription: Subscription): Promise<RunningSubscription> {
    let entry = this.running.get(subscription.group);
    if (!entry) {
      const runner = new SubscriptionRunner(subscription, this.config, this.positions, this.tools);
      entry = { runner, started: runner.start() };
      this.running.set(subscription.group, entry);
      const { signal } = subscription;
      if (signal?.aborted) void runner.stop();
      else signal?.addEventListener('abort', () => void runner.stop(), { once: true });
    }
    await entry.started;
    const { runner } = entry;
    return {
      assigned: () => runner.assigned(),
      lag: () => runner.lag(),
      stop: async () => {
        await runner.stop();
        if (this.running.get(subscription.group)?.runner === runner) this.running.delete(subscription.group);
      },
    };
  }

  /** Ends all workers, waits for them, sends the last commits and leaves the groups. */
  async stop(): Promise<void> {
    this.tools.metrics?.lagOf.delete(this.lagOfAll);
    await Promise.all([...this.running.values()].map(({ runner }) => runner.stop()));
    this.running.clear();
    await this.topics.stop();
  }
}
