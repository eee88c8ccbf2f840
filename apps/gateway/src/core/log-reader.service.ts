import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type TopicName, topics } from '@maru/contracts';
import {
  ConsumerService,
  type IncomingRecord,
  OffsetOutOfRangeError,
  partitionOf,
  type PartitionQueue,
  TopicsAdmin,
} from '@maru/kafka-client';
import { HealthService, LOGGER, type Logger } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { FanOut } from './fan-out.service';
import { OpeningService } from './opening.service';
import { RecordTaker } from './record-taker';
import { RoomsService } from './rooms.service';

const maxRecords = 500;

/**
 * Reads all of `chat.events` and `chat.signals`, in a group of this start's own, from the logs' ends. The
 * positions are kept here and sought after every rejoin, so that no record is passed over.
 */
@Injectable()
export class LogReader implements OnApplicationBootstrap {
  private readonly positions = new Map<string, number>();
  private partitions = 0;
  private reading = false;

  constructor(
    private readonly consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly taker: RecordTaker,
    private readonly rooms: RoomsService,
    private readonly opening: OpeningService,
    private readonly fanOut: FanOut,
    health: HealthService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    health.add('positions', () => {
      if (!this.reading) throw new Error('the positions on the log are not known yet');
    });
  }

  /** Resolves when it reads: whoever connects after that misses nothing. */
  async onApplicationBootstrap(): Promise<void> {
    const read: TopicName[] = [topics.chatEvents, topics.chatSignals];
    for (const topic of read) {
      const ends = await this.admin.ends(topic);
      if (topic === topics.chatEvents) this.partitions = ends.length;
      ends.forEach((end, partition) => this.positions.set(keyOf({ topic, partition }), end));
    }
    await this.consumer.subscribe({
      group: `gateway.${uuidv7()}`,
      topics: read,
      fromBeginning: false,
      worker: (queue) => this.work(queue),
    });
    this.reading = true;
  }

  private async work(queue: PartitionQueue): Promise<void> {
    const key = keyOf(queue);
    queue.seek(this.positions.get(key) ?? 0);
    for (;;) {
      try {
        const records = await queue.next(maxRecords);
        this.take(queue.topic, records);
        const next = (records.at(-1)?.offset ?? 0) + 1;
        this.positions.set(key, next);
        queue.commit(next);
      } catch (error) {
        if (!(error instanceof OffsetOutOfRangeError)) throw error;
        this.positionGone(queue, error);
      }
    }
  }

  private take(topic: string, records: readonly IncomingRecord[]): void {
    for (const record of records) {
      if (topic === topics.chatEvents) this.taker.event(record);
      else this.taker.signal(record);
    }
  }

  /** Goes on at the log's end; what was there before is fetched from the store, as quiet rooms show no gap. */
  private positionGone(queue: PartitionQueue, { at }: OffsetOutOfRangeError): void {
    const { topic, partition, position, start, end } = at;
    this.logger.error({ event: 'position_gone', topic, partition, offset: position, start, end });
    this.positions.set(keyOf(queue), end);
    queue.seek(end);
    if (topic !== topics.chatEvents) return;
    this.missed(partition).catch((error: unknown) =>
      this.logger.error({ event: 'rooms_not_refreshed', partition, err: error }),
    );
  }

  /** Events of this partition may have passed unseen: fetches them for the rooms held, and for those joined by them. */
  async missed(partition: number): Promise<void> {
    const { partitions } = this;
    const done = this.fanOut.missing();
    const rooms = [...this.rooms.held.values()];
    this.rooms.fillToHead(rooms.filter((room) => partitionOf(room.id, partitions) === partition));
    await this.opening.refresh().finally(done);
  }
}

const keyOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}/${partition}`;
