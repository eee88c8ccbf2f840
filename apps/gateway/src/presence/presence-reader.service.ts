import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { gatewayAlive, gatewayGoneMs, topics, userPresence } from '@maru/contracts';
import { ConsumerService, type IncomingRecord, ProducerService, TopicsAdmin } from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CoreMetrics } from '../core/core.metrics';
import { LogFollower } from '../core/log-follower';
import { PresenceChanges } from './presence-changes.service';

const maxRecords = 1000;
const watchMs = 1000;
/** An answer of the brokers that took longer says nothing of how long gateways were silent. */
const slowMs = 2000;
/** Longer than a gateway that comes back takes; then it tells all anew. */
const forgetMs = 3_600_000;

/**
 * Reads all of `presence` from its beginning into the book. A gateway that is silent
 * for gatewayGoneMs is taken for gone, but only when all that there is has been read, and the brokers answer.
 */
@Injectable()
export class PresenceReader implements OnModuleDestroy {
  private readonly follower: LogFollower;
  /** Partitions that are not yet read to where they ended at the start, with that end. */
  private readonly behind = new Map<number, number>();
  private begun = false;
  /** Before that it may have been we who did not hear. */
  private hearingSince = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly producer: ProducerService,
    private readonly changes: PresenceChanges,
    metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.follower = new LogFollower({
      ...{ consumer, metrics, logger, maxRecords },
      take: (record) => this.note(record),
      taken: (_topic, partition) => this.taken(partition),
      // What a log no longer has was told again since, or is of gateways that are long gone.
      gone: ({ position, start, end }) => (position < start ? start : end),
    });
  }

  async start(): Promise<void> {
    const ranges = await this.admin.ranges(topics.presence);
    ranges.forEach(({ start, end }, partition) => {
      if (end > start) this.behind.set(partition, end);
    });
    const starts = ranges.map(({ start }) => start);
    this.follower.beginAt(topics.presence, starts);
    await this.follower.follow([topics.presence], { fromBeginning: true });
    this.caughtUp();
    this.timer = setInterval(() => void this.watch(), watchMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private taken(partition: number): void {
    const end = this.behind.get(partition) ?? Infinity;
    if (this.follower.position(topics.presence, partition) >= end) this.behind.delete(partition);
    this.caughtUp();
  }

  private caughtUp(): void {
    if (this.behind.size > 0 || this.begun) return;
    this.begun = true;
    for (const id of this.silent()) this.changes.book.lose(id);
    this.changes.begin(performance.now());
  }

  private note(record: IncomingRecord): void {
    const { key, value, headers } = record;
    const { book } = this.changes;
    const now = this.timeOf(record);
    if (value === null) {
      const ended = gatewayAlive.shape.gatewayId.safeParse(key);
      if (ended.success) book.end(ended.data, now);
      return;
    }
    const body: unknown = JSON.parse(value.toString());
    if (headers['ce_type'] === 'gateway.alive') {
      const { gatewayId, at } = gatewayAlive.parse(body);
      return book.alive(gatewayId, at, now);
    }
    const { userId, gatewayId, online, away = false, at } = userPresence.parse(body);
    book.put(userId, gatewayId, online ? (away ? 'away' : 'online') : undefined, at, now);
  }

  /** By our own clock; what was there at the start is as old as the broker says. */
  private timeOf({ partition, offset, timestamp }: IncomingRecord): number {
    const now = performance.now();
    return offset < (this.behind.get(partition) ?? 0) ? now - Math.max(0, Date.now() - timestamp) : now;
  }

  private async watch(): Promise<void> {
    const { book } = this.changes;
    const asked = performance.now();
    // Before all has been read, those whose users came first have not been heard of yet.
    if (!this.begun) return;
    book.forgetSilent(asked - forgetMs);
    if (this.silent().length === 0) return;
    try {
      const ends = await this.admin.ends(topics.presence);
      if (performance.now() - asked > slowMs) this.hearingSince = performance.now();
      for (const id of this.silent()) {
        const partition = await this.producer.partitionFor(topics.presence, id);
        if (this.follower.position(topics.presence, partition) < (ends[partition] ?? 0)) continue;
        this.logger.warn({ event: 'gateway_gone', gateway: id });
        book.lose(id);
      }
    } catch (error) {
      this.hearingSince = performance.now();
      this.logger.warn({ event: 'presence_not_watched', err: error });
    }
  }

  private silent(): string[] {
    const time = performance.now() - gatewayGoneMs;
    return this.hearingSince > time ? [] : this.changes.book.silentSince(time);
  }
}
