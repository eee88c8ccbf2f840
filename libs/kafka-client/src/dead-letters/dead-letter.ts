import type { KafkaConfig } from '../config/kafka.config';
import type { IncomingRecord, OutgoingRecord, RecordPosition } from '../records/record';
import type { TopicSpec } from '../topics/topic-spec';

/** Where a group's dead letters lie, and where its replayed ones come back to it alone. */
export const deadLetterTopic = (group: string): string => `dead-letter.${group}`;
export const retryTopic = (group: string): string => `retry.${group}`;

const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
/** More than the 1 MB that brokers take unless told otherwise: the largest record grows by why it lies here. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Either of the two, as it is made. */
export function deadLetterTopicSpec(
  name: string,
  {
    replicationFactor = 1,
    minInsyncReplicas = 1,
  }: Pick<KafkaConfig, 'replicationFactor' | 'minInsyncReplicas'>,
): TopicSpec {
  return {
    name,
    partitions: 1,
    replicationFactor,
    config: {
      'retention.ms': String(KEPT_MS),
      'min.insync.replicas': String(minInsyncReplicas),
      'max.message.bytes': String(MOST_BYTES),
    },
  };
}

const GROUP = 'maru-dead-group';
const TOPIC = 'maru-dead-topic';
const PARTITION = 'maru-dead-partition';
const OFFSET = 'maru-dead-offset';
const CAUSE = 'maru-dead-cause';

/** A record that a group could not take, and why. */
export interface DeadLetter {
  group: string;
  /** Where the record came from. */
  source: RecordPosition;
  cause: string;
  /** As it lies on the dead letter topic: its key, value and headers are the original's. */
  record: IncomingRecord;
}

/** `cause` is cut to 1,000 characters. */
export function deadLetterRecord(group: string, record: IncomingRecord, cause: unknown): OutgoingRecord {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  // A replayed record that fails again keeps the place it first came from.
  const from = sourceOf(record) ?? record;
  return {
    topic: deadLetterTopic(group),
    partition: 0,
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      [GROUP]: group,
      [TOPIC]: from.topic,
      [PARTITION]: String(from.partition),
      [OFFSET]: String(from.offset),
      [CAUSE]: reason.slice(0, 1000),
    },
  };
}

export function readDeadLetter(record: IncomingRecord): DeadLetter | undefined {
  const source = sourceOf(record);
  const { [GROUP]: group, [CAUSE]: cause = '' } = record.headers;
  if (!source || group === undefined) return undefined;
  return { group, source, cause, record };
}

/** Where a dead-lettered or replayed record came from at first. */
export function sourceOf(record: IncomingRecord): RecordPosition | undefined {
  const { [TOPIC]: topic, [PARTITION]: partition, [OFFSET]: offset } = record.headers;
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: Number(offset) };
}
