import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { topics } from '@maru/contracts';
import {
  ConsumerService,
  type IncomingRecord,
  OffsetOutOfRangeError,
  type PartitionQueue,
  TopicsAdmin,
} from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { CoreMetrics } from '../core/core.metrics';
import { Registry } from '../core/registry';
import { type Notice, noticeOf } from './notices';

const maxRecords = 500;

/**
 * Reads all of `users.events`, in a group of this start's own, from the log's end, and tells what is between users
 * to those of them who are connected here. Who is not asks for his list when he is `ready`.
 */
@Injectable()
export class NoticeReader implements OnApplicationBootstrap {
  /** Sought after every rejoin, so that no record is passed over. */
  private readonly positions = new Map<number, number>();

  constructor(
    private readonly consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly registry: Registry,
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const ends = await this.admin.ends(topics.usersEvents);
    ends.forEach((end, partition) => this.positions.set(partition, end));
    await this.consumer.subscribe({
      group: `gateway.${uuidv7()}`,
      topics: [topics.usersEvents],
      fromBeginning: false,
      worker: (queue) => this.work(queue),
    });
  }

  private async work(queue: PartitionQueue): Promise<void> {
    queue.seek(this.positions.get(queue.partition) ?? 0);
    for (;;) {
      const records = await this.next(queue);
      for (const record of records) this.take(record);
      const last = records.at(-1);
      if (last === undefined) continue;
      this.positions.set(queue.partition, last.offset + 1);
      queue.commit(last.offset + 1);
    }
  }

  /** What a log no longer has is not told: it is in everybody's list. */
  private async next(queue: PartitionQueue): Promise<IncomingRecord[]> {
    try {
      return await queue.next(maxRecords);
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error;
      const { topic, partition, position, end } = error.at;
      this.logger.error({ event: 'position_gone', topic, partition, offset: position, end });
      this.positions.set(partition, end);
      queue.seek(end);
      return [];
    }
  }

  /** A record that is not as its contract says is passed over: its neighbours must not wait for it. */
  private take({ topic, partition, offset, headers, value }: IncomingRecord): void {
    try {
      const notice = noticeOf(headers['ce_type'] ?? '', () => value?.toString() ?? '');
      if (notice !== undefined) this.tell(notice);
    } catch (error) {
      this.metrics.unreadable.inc({ topic });
      this.logger.error({ event: 'unreadable_record', topic, partition, offset, err: error });
    }
  }

  private tell({ to, name, body }: Notice): void {
    for (const userId of to) {
      for (const connection of [...this.registry.of(userId)]) {
        if (connection.opening === undefined) connection.send(name, body);
      }
    }
  }
}
