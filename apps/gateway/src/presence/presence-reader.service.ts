import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { gatewayAlive, gatewayGoneMs, topics, userPresence } from '@maru/contracts';
import {
  ConsumerService,
  type IncomingRecord,
  OffsetOutOfRangeError,
  type PartitionQueue,
  ProducerService,
  TopicsAdmin,
} from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { CoreMetrics } from '../core/core.metrics';
import { PresenceChanges } from './presence-changes.service';

const maxRecords = 1000;
const watchMs = 1000;
/** An answer of the brokers that took longer says nothing of how long gateways were silent. */
const slowMs = 2000;
/** Longer than a gateway that comes back takes; then it tells all anew. */
const forgetMs = 3_600_000;

/**
 * Reads all of `presence` from its beginning, in a group of this start's own, into the book. A gateway that is silent
 * for gatewayGoneMs is taken for gone, but only when all that there is has been read, and the brokers answer.
 */
@Injectable()
export class PresenceReader implements OnModuleDestroy {
  private readonly positions = new Map<number, number>();
  /** Partitions that are not yet read to where they ended at the start, with that end. */
  private readonly behind = new Map<number, number>();
  private begun = false;
  /** Before that it may have been we who did not hear. */
  private hearingSince = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly producer: ProducerService,
    private readonly changes: PresenceChanges,
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const ranges = await this.admin.ranges(topics.presence);
    ranges.forEach(({ start, end }, partition) => {
      this.positions.set(partition, start);
      if (end > start) this.behind.set(partition, end);
    });
    await this.consumer.subscribe({
      group: `gateway.${uuidv7()}`,
      topics: [topics.presence],
      fromBeginning: true,
      worker: (queue) => this.work(queue),
    });
    this.caughtUp();
    this.timer = setInterval(() => void this.watch(), watchMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async work(queue: PartitionQueue): Promise<void> {
    const { partition } = queue;
    queue.seek(this.positions.get(partition) ?? 0);
    for (;;) {
      const records = await this.next(queue);
      for (const record of records) this.take(record);
      const last = records.at(-1);
      if (last === undefined) continue;
      this.positions.set(partition, last.offset + 1);
      queue.commit(last.offset + 1);
      if (last.offset + 1 >= (this.behind.get(partition) ?? Infinity)) this.behind.delete(partition);
      this.caughtUp();
    }
  }

  /** What a log no longer has was told again since, or is of gateways that are long gone. */
  private async next(queue: PartitionQueue): Promise<IncomingRecord[]> {
    try {
      return await queue.next(maxRecords);
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error;
      const { topic, partition, position, start, end } = error.at;
      this.logger.error({ event: 'position_gone', topic, partition, offset: position, start, end });
      this.positions.set(partition, position < start ? start : end);
      queue.seek(position < start ? start : end);
      return [];
    }
  }

  private caughtUp(): void {
    if (this.behind.size > 0 || this.begun) return;
    this.begun = true;
    for (const id of this.silent()) this.changes.book.lose(id);
    this.changes.begin(performance.now());
  }

  /** A record that is not as its contract says is passed over: its neighbours must not wait for it. */
  private take(record: IncomingRecord): void {
    const { topic, partition, offset } = record;
    try {
      this.note(record);
    } catch (error) {
      this.metrics.unreadable.inc({ topic });
      this.logger.error({ event: 'unreadable_record', topic, partition, offset, err: error });
    }
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
    book.forgetSilent(asked - forgetMs);
    if (this.silent().length === 0 || !this.begun) return;
    try {
      const ends = await this.admin.ends(topics.presence);
      if (performance.now() - asked > slowMs) this.hearingSince = performance.now();
      for (const id of this.silent()) {
        const partition = await this.producer.partitionFor(topics.presence, id);
        if ((this.positions.get(partition) ?? 0) < (ends[partition] ?? 0)) continue;
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
