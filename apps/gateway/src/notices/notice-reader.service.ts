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
import { Watchers } from '../presence/watchers.service';
import { tellReply } from '../sse/streams';
import { changedBetween, type Notice, noticeOf } from './notices';

const maxRecords = 500;
const read = [topics.usersEvents, topics.authEvents, topics.streamReplies];

/**
 * Reads all of these topics, in a group of this start's own, from the log's end, and tells what is for users beside
 * their rooms to those of them who are connected here. Who is not asks for his list when he is `ready`.
 */
@Injectable()
export class NoticeReader implements OnApplicationBootstrap {
  /** By topic and partition; sought after every rejoin, so that no record is passed over. */
  private readonly positions = new Map<string, number>();

  constructor(
    private readonly consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly registry: Registry,
    private readonly watchers: Watchers,
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const topic of read) {
      const ends = await this.admin.ends(topic);
      ends.forEach((end, partition) => this.positions.set(placeOf({ topic, partition }), end));
    }
    await this.consumer.subscribe({
      group: `gateway.${uuidv7()}`,
      topics: read,
      fromBeginning: false,
      worker: (queue) => this.work(queue),
    });
  }

  private async work(queue: PartitionQueue): Promise<void> {
    queue.seek(this.positions.get(placeOf(queue)) ?? 0);
    for (;;) {
      const records = await this.next(queue);
      for (const record of records) this.take(record);
      const last = records.at(-1);
      if (last === undefined) continue;
      this.positions.set(placeOf(queue), last.offset + 1);
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
      this.positions.set(placeOf(queue), end);
      queue.seek(end);
      return [];
    }
  }

  /** A record that is not as its contract says is passed over: its neighbours must not wait for it. */
  private take({ topic, partition, offset, headers, value }: IncomingRecord): void {
    try {
      const type = headers['ce_type'] ?? '';
      const json = (): string => value?.toString() ?? '';
      const notice = noticeOf(type, json);
      if (notice !== undefined) this.tell(notice);
      this.watchers.changed(changedBetween(type, json));
    } catch (error) {
      this.metrics.unreadable.inc({ topic });
      this.logger.error({ event: 'unreadable_record', topic, partition, offset, err: error });
    }
  }

  private tell(notice: Notice): void {
    if (notice.name === 'reply') return void tellReply(this.registry, notice.to, notice.body);
    const to =
      notice.name === 'friendUpdated' ? this.watchers.index.friendsHere(notice.body.userId) : notice.to;
    for (const userId of to) {
      for (const connection of [...this.registry.of(userId)]) {
        if (connection.opening === undefined) connection.send(notice.name, notice.body);
      }
    }
  }
}

const placeOf = ({ topic, partition }: { topic: string; partition: number }): string =>
  `${topic}/${partition}`;
