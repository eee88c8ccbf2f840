import type { IncomingRecord, TopicPartition } from '../records/record';

/** One assigned partition as its worker sees it. It ends (signal) when the partition is revoked or the consumer stops. */
export interface PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly signal: AbortSignal;
  /** Waits for at least one record, gives at most `max` in order. Rejects with an AbortError when the signal aborts,
   * with `OffsetOutOfRangeError` when the position is not on the log. With `end`: gives none when there is none any more
   * below it, where a log may end in what is no record (transaction markers). */
  next(max: number, end?: number): Promise<IncomingRecord[]>;
  /** Drops what is queued and goes on from `offset`. */
  seek(offset: number): void;
  /** Everything below `nextOffset` is done. Coalesced and sent in the background, in order; flushed on stop and revocation. */
  commit(nextOffset: number): void;
  /** The log's end as far as known: the offset that the next record will get. */
  high(): number;
}

/** Works on one partition until the queue's signal aborts. When it throws it is started again with a fresh queue. */
export type PartitionWorker = (queue: PartitionQueue) => Promise<void>;

export interface Subscription {
  group: string;
  topics: string[];
  /** Where partitions without a committed offset start; else as the config says. */
  fromBeginning?: boolean;
  worker: PartitionWorker;
  /** Records that may wait per partition; reading pauses beyond. Default 2000. */
  queueSize?: number;
  /**
   * Records are fetched once there are so many bytes of them, or after 250 ms. Default 1: each as it comes, which costs the broker
   * and this process a fetch each. For work that nobody waits for.
   */
  gatherBytes?: number;
  /** Reads exactly these partitions, in a group that nobody else may join. */
  partitions?: Record<string, number[]>;
  /** The member that has a partition of one topic has those with its number of the others, all of as many partitions. */
  together?: true;
  sessionTimeoutMs?: number;
  /** Ends it as `stop` does, also while it waits for its first assignment. */
  signal?: AbortSignal;
  onError?(error: unknown): void;
}

export interface RunningSubscription {
  /** Ends the workers, waits for them, sends the last commits and leaves the group. */
  stop(): Promise<void>;
  assigned(): TopicPartition[];
  /** Records on the log that are not committed yet, per assigned partition. */
  lag(): (TopicPartition & { lag: number })[];
}
