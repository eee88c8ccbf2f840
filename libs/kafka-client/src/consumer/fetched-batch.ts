import type { Batch, KafkaMessage } from 'kafkajs';
import type { IncomingRecord } from '../records/record';

/** One fetch's records of one partition, with numbers for offsets. */
export interface FetchedBatch {
  topic: string;
  partition: number;
  /** The position that was asked for. */
  from: number;
  /** The position after it. */
  next: number;
  /** The log's end. */
  end: number;
  records: IncomingRecord[];
}

export function fetchedBatch(batch: Batch): FetchedBatch {
  const { topic, partition } = batch;
  return {
    topic,
    partition,
    // kafkajs keeps it on the object though its types do not say so.
    from: Number((batch as Batch & { fetchedOffset: string }).fetchedOffset),
    next: Number(batch.lastOffset()) + 1,
    end: Number(batch.highWatermark),
    records: batch.messages.map((message) => incomingRecord(topic, partition, message)),
  };
}

function incomingRecord(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key === null ? null : message.key.toString('utf8'),
    value: message.value,
    // Text, by record-headers.fix.
    headers: message.headers as Record<string, string>,
  };
}
