import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from './connection';
import type { CoreMetrics } from './core.metrics';
import type { FanOut } from './fan-out.service';
import type { Room } from './room';
import type { CarriedEvent } from './room-event';
import type { StoreClient } from './store.client';

export interface CatchUpParts {
  fanOut: FanOut;
  store: StoreClient;
  metrics: CoreMetrics;
}

/** What is written at once, in characters of JSON; then the client must have read most of it. */
const chunkSize = 128 * 1024;
const lowWaterBytes = 64 * 1024;
const page = 250;
const maxFailures = 20;

/**
 * One connection that reads one room on its own, from its cursor until it stands where the room stands; then
 * it joins the shared frames. Up to `knownTo`, the head at which he was a member, everything is his to read;
 * after it his own memberLeft ends the reading, as it does for those who are live.
 */
export class CatchUp {
  private outside = false;
  private failures = 0;
  private reachedKnown: () => void = () => undefined;
  /** Resolves when the connection has everything up to `knownTo`, or needs it no more. */
  readonly reached = new Promise<void>((resolve) => (this.reachedKnown = resolve));

  constructor(
    private readonly connection: Connection,
    private readonly room: Room,
    public cursor: number,
    private readonly knownTo: number,
    private readonly parts: CatchUpParts,
  ) {}

  /** Never rejects. As long as the room's tail has what is missing it runs to its end at once. */
  async run(): Promise<void> {
    while (this.wanted()) {
      if (this.meets()) {
        this.parts.fanOut.flush(this.room);
        if (this.meets()) return this.join();
      }
      const events = this.fromTail() ?? (await this.fromStore());
      if (!this.wanted()) break;
      this.deliver(events);
      if (this.connection.link.buffered() > lowWaterBytes) await this.untilRead();
    }
    this.reachedKnown();
  }

  private wanted(): boolean {
    return !this.connection.closed && this.room.catching.get(this.connection) === this;
  }

  /** Nothing is missing that is known of: the store's head at the beginning, and what the room has given out. */
  private meets(): boolean {
    return this.cursor >= Math.max(this.knownTo, this.room.sent);
  }

  private fromTail(): CarriedEvent[] | undefined {
    if (this.cursor >= this.room.sent || !this.room.tail.reaches(this.cursor)) return undefined;
    this.parts.metrics.catchUps.inc({ source: 'tail' });
    return this.room.tail.slice(this.cursor, this.room.sent, chunkSize);
  }

  private async fromStore(): Promise<CarriedEvent[]> {
    this.parts.metrics.catchUps.inc({ source: 'store' });
    const { deletions } = this.room;
    try {
      const { keptFrom, events } = await this.parts.store.eventsAfter(this.room.id, this.cursor, page);
      // Forgotten since it was planned: he comes back, and is told `reset`.
      if (this.cursor + 1 < keptFrom) {
        this.connection.end('unavailable');
        return [];
      }
      // What was deleted while they were under way must not stay in the tail with its words.
      if (this.room.deletions === deletions) this.room.tail.prepend(events);
      if (events.length > 0) {
        this.failures = 0;
        return events;
      }
    } catch {
      // The store is away for the moment: asked again below.
    }
    if (++this.failures > maxFailures) this.connection.end('unavailable');
    await delay(Math.min(20 * 2 ** this.failures, 1000));
    return [];
  }

  private deliver(events: readonly CarriedEvent[]): void {
    const mine = events.filter((event) => event.seq > this.cursor && this.isMine(event));
    this.cursor = Math.max(this.cursor, events.at(-1)?.seq ?? 0);
    if (mine.length > 0) {
      const frames = this.connection.link.encoder(this.room.id).encode(mine);
      this.parts.metrics.deliveries.inc(frames.count);
      this.connection.write(frames);
    }
    if (this.cursor >= this.knownTo) this.reachedKnown();
  }

  /** Follows his own leaving and joining, each at its seq. */
  private isMine(event: CarriedEvent): boolean {
    if (event.seq <= this.knownTo) return true;
    const own = event.userId === this.connection.userId;
    if (own && event.type === 'memberJoined') this.outside = false;
    const mine = !this.outside;
    if ((own && event.type === 'memberLeft') || event.type === 'roomDeleted') this.goesOut(event.seq);
    return mine;
  }

  private goesOut(seq: number): void {
    if (!this.outside) this.connection.leftAt(this.room.id, seq);
    this.outside = true;
  }

  private join(): void {
    const { connection, room } = this;
    if (this.outside) room.leave(connection);
    else {
      room.catching.delete(connection);
      if (this.cursor === room.sent) room.live.add(connection);
      else room.partial.set(connection, { after: this.cursor, upTo: Infinity });
    }
    this.reachedKnown();
  }

  /** Waits until the client has read most of what was written; one that does not read is ended. */
  private async untilRead(): Promise<void> {
    const { connection } = this;
    for (let waitedMs = 0; connection.link.buffered() > lowWaterBytes && this.wanted(); waitedMs += 10) {
      if (waitedMs > maxReadMs) connection.end('too_slow');
      await delay(10);
    }
  }
}

const maxReadMs = 30_000;
