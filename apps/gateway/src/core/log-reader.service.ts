import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type TopicName, topics } from '@maru/contracts';
import { ConsumerService, type OffsetOutOfRangeError, partitionOf, TopicsAdmin } from '@maru/kafka-client';
import { HealthService, LOGGER, type Logger } from '@maru/service-kit';
import { CoreMetrics } from './core.metrics';
import { FanOut } from './fan-out.service';
import { LogFollower } from './log-follower';
import { OpeningService } from './opening.service';
import { RecordTaker } from './record-taker';
import { RoomsService } from './rooms.service';

const maxRecords = 500;

/** With `DELIVERY=broadcast`: reads all of `chat.events` and `chat.signals`, from the logs' ends. */
@Injectable()
export class LogReader implements OnApplicationBootstrap {
  private readonly follower: LogFollower;
  private partitions = 0;
  private reading = false;

  constructor(
    consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    taker: RecordTaker,
    private readonly rooms: RoomsService,
    private readonly opening: OpeningService,
    private readonly fanOut: FanOut,
    metrics: CoreMetrics,
    health: HealthService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.follower = new LogFollower({
      ...{ consumer, metrics, logger, maxRecords },
      take: (record) => (record.topic === topics.chatEvents ? taker.event(record) : taker.signal(record)),
      gone: (at) => this.positionGone(at),
    });
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
      this.follower.beginAt(topic, ends);
    }
    await this.follower.follow(read, { fromBeginning: false });
    this.reading = true;
  }

  /** Goes on at the log's end; what was there before is fetched from the store, as quiet rooms show no gap. */
  private positionGone({ topic, partition, end }: OffsetOutOfRangeError['at']): number {
    if (topic === topics.chatEvents) {
      this.missed(partition).catch((error: unknown) =>
        this.logger.error({ event: 'rooms_not_refreshed', partition, err: error }),
      );
    }
    return end;
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
