import type { Consumer, ConsumerConfig, EachBatchPayload } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.config';
import { kafkaClient } from '../kafkajs/client';
import type { Logger } from '../logger';
import type { TopicPartition } from '../records/record';
import { within } from '../time';
import { chosenPartitions } from './chosen-partitions.assigner';
import { sameNumbers } from './same-numbers.assigner';
import type { Subscription } from './subscription';

/** How long a fetch waits for records, or for enough of them. Short: a partition that goes on reading is asked for with the next fetch. */
const FETCH_WAIT_MS = 250;
/** Batches of one fetch that are handed on at once. kafkajs wakes all of them for every fetch; a batch is only put in a queue. */
const WORKERS = 8;
const FETCH_BYTES_PER_PARTITION = 524_288;

export interface MemberEvents {
  joined(assignment: TopicPartition[]): void;
  rebalancing(): void;
  batch(payload: EachBatchPayload): Promise<void>;
  skipped(partition: TopicPartition, next: number): void;
  crashed(error: Error): void;
  alive(): void;
}

/** One kafkajs consumer, from its join to its end. It never starts itself anew: that is its owner's decision. */
export class GroupMember {
  private readonly consumer: Consumer;
  /** Between a rebalance and the join that has to follow it. */
  private rejoining = false;
  private started: Promise<void> = Promise.resolve();

  constructor(
    private readonly subscription: Subscription,
    config: KafkaConfig,
    private readonly events: MemberEvents,
    logger: Logger,
  ) {
    this.consumer = kafkaClient(config, 'consumer', logger).consumer(consumerConfig(subscription, config));
    this.listen();
  }

  /** Resolves when it has joined; its crash is told by `crashed`. */
  start(): Promise<void> {
    this.started = this.join();
    return this.started;
  }

  private async join(): Promise<void> {
    await this.consumer.connect();
    // Positions are set here, always; what kafkajs falls back to when one is out of range must bring a record,
    // since that is how it is noticed.
    await this.consumer.subscribe({ topics: this.subscription.topics, fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: WORKERS,
      eachBatch: (payload) => this.events.batch(payload),
    });
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    this.whenRunning(() => this.consumer.seek({ topic, partition, offset: String(offset) }));
  }

  pause({ topic, partition }: TopicPartition): void {
    this.whenRunning(() => this.consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume({ topic, partition }: TopicPartition): void {
    this.whenRunning(() => this.consumer.resume([{ topic, partitions: [partition] }]));
  }

  commit(offsets: (TopicPartition & { offset: number })[]): Promise<void> {
    return this.consumer.commitOffsets(offsets.map((at) => ({ ...at, offset: String(at.offset) })));
  }

  /**
   * Leaves the group; gives up on a broker that does not answer. kafkajs does not leave a group that it is still
   * joining, and the group would keep partitions for the member that it then has.
   */
  async stop(ms: number): Promise<void> {
    await within(
      ms,
      this.started.catch(() => undefined).then(() => this.consumer.disconnect()),
    );
  }

  private listen(): void {
    const { GROUP_JOIN, REBALANCING, CRASH, FETCH, HEARTBEAT, START_BATCH_PROCESS } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.rejoining = false;
      const assignment = Object.entries(payload.memberAssignment as Record<string, number[]>);
      this.events.joined(
        assignment.flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition }))),
      );
    });
    this.consumer.on(REBALANCING, () => {
      this.rejoining = true;
      this.events.rebalancing();
    });
    this.consumer.on(CRASH, ({ payload }) => this.events.crashed(payload.error));
    this.consumer.on(FETCH, () => this.rejoining && this.wentOn());
    // No sign of life is a fetch: a member that its group has forgotten goes on fetching, but has no heartbeat.
    this.consumer.on(HEARTBEAT, () => this.events.alive());
    this.consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.events.skipped(payload, Number(payload.lastOffset) + 1);
    });
  }

  /**
   * A join that fails (a new coordinator has not loaded the group yet) sends kafkajs back to fetching as the member
   * it was, with partitions that were all taken back, and it never joins again.
   */
  private wentOn(): void {
    this.rejoining = false;
    this.events.crashed(new Error('the group was not joined again after it had shared its partitions anew'));
  }

  /** Between a crash and the next start kafkajs has no group to pause or seek in; the next join sets all anew. */
  private whenRunning(action: () => void): void {
    try {
      action();
    } catch {
      this.events.alive();
    }
  }
}

function consumerConfig(subscription: Subscription, config: KafkaConfig): ConsumerConfig {
  const sessionTimeout = subscription.sessionTimeoutMs ?? config.sessionTimeoutMs;
  return {
    groupId: subscription.group,
    sessionTimeout,
    rebalanceTimeout: config.rebalanceTimeoutMs,
    heartbeatInterval: Math.min(config.heartbeatIntervalMs, Math.floor(sessionTimeout / 3)),
    maxWaitTimeInMs: FETCH_WAIT_MS,
    minBytes: subscription.gatherBytes ?? 1,
    maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
    // A request that times out does not make kafkajs ask for the leader anew; its age does.
    metadataMaxAge: config.requestTimeoutMs,
    allowAutoTopicCreation: false,
    retry: { restartOnFailure: async () => false },
    ...(subscription.together && { partitionAssigners: [sameNumbers] }),
    ...(subscription.partitions && { partitionAssigners: [chosenPartitions(subscription.partitions)] }),
  };
}
