import type { Trace } from '../tracing/step';

/** A record to be written. `value` is JSON that is already encoded (bytes when somebody else's are passed on). */
export interface OutgoingRecord {
  topic: string;
  key: string | null;
  value: string | Buffer | null;
  headers?: Record<string, string>;
  /** Else (and then there has to be a key) the partition is `murmur2(key)` mod the topic's partitions, as Java's default partitioner has it. */
  partition?: number;
  /** Where its trace stands, when it has one; `send` takes that of the work that runs. */
  trace?: Trace | undefined;
}

/** Where a record lies on the log. */
export interface RecordPosition {
  topic: string;
  partition: number;
  offset: number;
}

/** A record as it was read. `timestamp` is the broker's append time in ms (where the topic says LogAppendTime). */
export interface IncomingRecord extends RecordPosition {
  timestamp: number;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
}

export interface TopicPartition {
  topic: string;
  partition: number;
}
