import type { EachBatchPayload } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.config';
import { type Logger, silentLogger } from '../logger';
import type { TopicPartition } from '../records/record';
import { backOff, pause, within } from '../time';
import type { KafkaTools } from '../tools';
import { Committer } from './committer';
import { fetchedBatch } from './fetched-batch';
import { GroupMember } from './group-member';
import { PartitionReader } from './partition-reader';
import type { Positions } from './positions';
import type { RunningSubscription, Subscription } from './subscription';
import { Watchdog } from './watchdog';

/** How long a worker may take to end after its signal aborted, when the process stops. */
const DRAIN_MS = 10_000;
const nameOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

/**
 * Keeps one subscription alive: joins, hands every assigned partition to a reader, takes them back when the
 * group shares anew, and joins again, without bound, when kafkajs gives up or falls silent.
 */
export class SubscriptionRunner implements RunningSubscription {
  private readers = new Map<string, PartitionReader>();
  /** The last reader of each partition: its worker may still be ending. */
  private readonly last = new Map<string, Promise<void>>();
  private readonly committer: Committer;
  private readonly watchdog: Watchdog;
  private readonly logger: Logger;
  private readonly stopping = new AbortController();
  private member: GroupMember | undefined;
  private joins = 0;
  private failures = 0;
  private stopped: Promise<void> | undefined;
  private firstJoin: () => void = () => undefined;
  private readonly ready: Promise<void>;

  constructor(
    private readonly subscription: Subscription,
    private readonly config: KafkaConfig,
    private readonly positions: Positions,
    private readonly tools: KafkaTools,
  ) {
    this.logger = tools.logger ?? silentLogger;
    this.ready = new Promise((resolve) => (this.firstJoin = resolve));
    this.committer = new Committer(
      (marks) => this.member?.commit(marks) ?? Promise.resolve(),
      (error) => this.report('commit.failed', error),
    );
    const silence = config.rebalanceTimeoutMs + config.sessionTimeoutMs + 3 * config.requestTimeoutMs;
    this.watchdog = new Watchdog(silence, () =>
      this.crashed(new Error(`the consumer was silent for ${silence} ms`)),
    );
  }

  /** Resolves when the first assignment is there and each of its positions is known. */
  async start(): Promise<void> {
    void this.join();
    await this.ready;
    await Promise.all([...this.readers.values()].map((reader) => reader.placed));
  }

  assigned(): TopicPartition[] {
    return [...this.readers.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  lag(): (TopicPartition & { lag: number })[] {
    return [...this.readers.values()].map(({ topic, partition, lag }) => ({ topic, partition, lag }));
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    this.stopping.abort();
    this.watchdog.stop();
    this.firstJoin();
    const readers = [...this.readers.values()];
    for (const reader of readers) {
      this.member?.pause(reader);
      reader.end(false);
    }
    await within(DRAIN_MS, Promise.all([...this.last.values()]));
    await within(this.config.requestTimeoutMs, this.committer.flush());
    this.readers.clear();
    await this.member?.stop(this.config.requestTimeoutMs);
  }

  private async join(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const join = ++this.joins;
    const current = () => join === this.joins && !this.stopping.signal.aborted;
    const { config, logger, subscription } = this;
    const member = new GroupMember(
      subscription,
      config,
      {
        joined: (assignment) => current() && this.assign(assignment),
        rebalancing: () => current() && this.revoke(true),
        batch: (payload) => (current() ? this.batch(payload) : Promise.resolve()),
        skipped: (at, next) => this.readers.get(nameOf(at))?.skipped(next),
        crashed: (error) => current() && this.crashed(error),
        alive: () => this.watchdog.fed(),
      },
      logger,
    );
    this.member = member;
    this.watchdog.fed();
    try {
      await member.start();
    } catch (error) {
      if (current()) this.crashed(error);
    }
  }

  private crashed(error: unknown): void {
    this.report('consumer.crashed', error);
    this.joins += 1;
    this.revoke(false);
    void this.member?.stop(this.config.requestTimeoutMs);
    void pause(backOff(this.failures++, 100, 1000), this.stopping.signal).then(() => this.join());
  }

  /** Takes every partition back. What was committed is sent first where the group still knows this member. */
  private revoke(inGroup: boolean): void {
    for (const reader of this.readers.values()) {
      this.member?.pause(reader);
      reader.end(true);
    }
    this.readers.clear();
    if (inGroup) void this.committer.flush();
    else this.committer.clear();
  }

  private assign(assignment: TopicPartition[]): void {
    this.revoke(false);
    this.failures = 0;
    this.watchdog.fed();
    const { group, topics } = this.subscription;
    const stands = this.positions.of(this.subscription, (at, offset) => this.commit(at, offset));
    for (const at of assignment) {
      this.member?.pause(at);
      this.readers.set(
        nameOf(at),
        this.reader(at, () => stands(at)),
      );
    }
    this.logger.info(
      { event: 'consumer.joined', group, topics, partitions: assignment.length },
      'joined its group',
    );
    this.firstJoin();
  }

  private reader(at: TopicPartition, start: () => Promise<number>): PartitionReader {
    const { member, subscription } = this;
    const name = nameOf(at);
    const ports = {
      start,
      range: () => this.positions.range(at),
      seek: (offset: number) => member?.seek(at, offset),
      pause: () => member?.pause(at),
      resume: () => member?.resume(at),
      commit: (offset: number) => this.commit(at, offset),
      failed: (error: unknown) => this.report('worker.failed', error, at),
    };
    const before = this.last.get(name) ?? Promise.resolve();
    const size = subscription.queueSize ?? 2000;
    const reader = new PartitionReader(
      at.topic,
      at.partition,
      size,
      subscription.worker,
      ports,
      this.logger,
      before,
    );
    this.last.set(name, reader.done);
    return reader;
  }

  private commit(at: TopicPartition, offset: number): void {
    this.positions.done(this.subscription, at, offset);
    // A group of one with chosen partitions is gone with its process: nobody would read its commits.
    if (!this.subscription.partitions) this.committer.mark(at.topic, at.partition, offset);
  }

  private async batch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const reader = this.readers.get(nameOf(batch));
    if (!reader) return this.member?.pause(batch);
    if (payload.isStale()) return;
    this.tools.metrics?.read.inc({ topic: batch.topic }, batch.messages.length);
    await reader.offer(fetchedBatch(batch), () => payload.resolveOffset(batch.lastOffset()));
  }

  private report(event: string, error: unknown, at?: TopicPartition): void {
    const { group } = this.subscription;
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.warn({ event, group, ...at, reason }, 'a consumer met an error and goes on');
    this.subscription.onError?.(error);
  }
}
