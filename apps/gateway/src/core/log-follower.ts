import type { TopicName } from '@maru/contracts';
import {
  type ConsumerService,
  type IncomingRecord,
  OffsetOutOfRangeError,
  type PartitionQueue,
} from '@maru/kafka-client';
import type { Logger } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import type { CoreMetrics } from './core.metrics';

export interface FollowerRules {
  consumer: ConsumerService;
  metrics: Pick<CoreMetrics, 'unreadable'>;
  logger: Logger;
  /** Records taken at a time. */
  maxRecords: number;
  /** One that throws is passed over: its neighbours must not wait for it. */
  take(record: IncomingRecord): void;
  /** All below `position` have been taken. */
  taken?(topic: string, partition: number): void;
  /** The log has its position no more. @returns where to go on */
  gone(at: OffsetOutOfRangeError['at']): number;
}

/**
 * Reads topics, all of them or these partitions, in a group of this start's own. The positions are kept here and sought after every
 * rejoin, so that no record is passed over.
 */
export class LogFollower {
  private readonly positions = new Map<string, number>();

  constructor(private readonly rules: FollowerRules) {}

  /** Where a topic is begun, by partition; before `follow`. */
  beginAt(topic: TopicName, positions: readonly number[]): void {
    positions.forEach((position, partition) => this.positions.set(keyOf({ topic, partition }), position));
  }

  /** The next record to be read. */
  position(topic: string, partition: number): number {
    return this.positions.get(keyOf({ topic, partition })) ?? 0;
  }

  /** Resolves when it reads. */
  async follow(
    topics: TopicName[],
    { fromBeginning, partitions }: { fromBeginning: boolean; partitions?: Record<string, number[]> },
  ): Promise<void> {
    await this.rules.consumer.subscribe({
      group: `gateway.${uuidv7()}`,
      topics,
      fromBeginning,
      ...(partitions && { partitions }),
      worker: (queue) => this.work(queue),
    });
  }

  private async work(queue: PartitionQueue): Promise<void> {
    const { topic, partition } = queue;
    queue.seek(this.position(topic, partition));
    for (;;) {
      const records = await this.next(queue);
      for (const record of records) this.take(record);
      const last = records.at(-1);
      if (last === undefined) continue;
      this.positions.set(keyOf(queue), last.offset + 1);
      queue.commit(last.offset + 1);
      this.rules.taken?.(topic, partition);
    }
  }

  private async next(queue: PartitionQueue): Promise<IncomingRecord[]> {
    try {
      return await queue.next(this.rules.maxRecords);
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error;
      const { topic, partition, position, start, end } = error.at;
      this.rules.logger.error({ event: 'position_gone', topic, partition, offset: position, start, end });
      const to = this.rules.gone(error.at);
      this.positions.set(keyOf(queue), to);
      queue.seek(to);
      return [];
    }
  }

  private take(record: IncomingRecord): void {
    try {
      this.rules.take(record);
    } catch (error) {
      const { topic, partition, offset } = record;
      this.rules.metrics.unreadable.inc({ topic });
      this.rules.logger.error({ event: 'unreadable_record', topic, partition, offset, err: error });
    }
  }
}

const keyOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}/${partition}`;
