import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CoreMetrics } from './core.metrics';
import { OpeningService } from './opening.service';
import type { Gap, Room } from './room';
import { RoomsService } from './rooms.service';
import { StoreClient } from './store.client';

const page = 500;
/** Most rooms whose head is asked for have missed nothing, and many are asked for in one call. */
const headPage = 20;
const maxPauseMs = 2000;

/** Fills rooms that stand behind from the store, while the log is read on; asks again until it has all that is kept. */
@Injectable()
export class GapFiller {
  private readonly filling = new Set<Room>();
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly rooms: RoomsService,
    private readonly store: StoreClient,
    private readonly opening: OpeningService,
    private readonly metrics: CoreMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    rooms.onGap = (room) => void this.fill(room);
  }

  private async fill(room: Room): Promise<void> {
    if (this.filling.has(room)) return;
    this.filling.add(room);
    this.metrics.gaps.inc();
    for (let pauseMs = 10; room.gap?.waits === false && this.stillHeld(room);) {
      const { gap, last: before } = room;
      await this.fetch(room, gap);
      // It may have been let go meanwhile.
      if (room.gap === gap && complete(room, gap)) this.rooms.filled(room);
      else if (room.last === before) {
        await delay(pauseMs);
        pauseMs = Math.min(2 * pauseMs, maxPauseMs);
      }
    }
    this.filling.delete(room);
  }

  private async fetch(room: Room, gap: Gap): Promise<void> {
    const { toHead } = gap;
    try {
      const limit = toHead > 0 ? headPage : page;
      const { head, keptFrom, events } = await this.store.eventsAfter(room.id, room.last, limit);
      if (!this.stillHeld(room)) return;
      if (toHead > 0) gap.seen = Math.max(gap.seen, head);
      // Asked for again meanwhile: the answer may be older than that.
      if (gap.toHead === toHead) gap.toHead = 0;
      // The store knows of no traces; the same event may wait here with its own.
      const traced = new Map(gap.buffer.map((event) => [event.seq, event.traced]));
      for (const event of events) {
        event.traced = traced.get(event.seq);
        if (event.seq === room.last + 1) this.rooms.advance(room, event);
      }
      this.takeWaiting(room, gap);
      if (room.last + 1 < keptFrom) this.passOver(room, keptFrom);
    } catch (error) {
      this.logger.warn({ event: 'gap_not_filled', roomId: room.id, after: room.last, err: error });
    }
  }

  /** What comes next is not kept any more. Who has joined by it is known from the store alone. */
  private passOver(room: Room, keptFrom: number): void {
    this.logger.warn({ event: 'gap_forgotten', roomId: room.id, after: room.last, keptFrom });
    this.rooms.goOnAt(room, keptFrom);
    this.refreshing ??= this.opening.refresh().finally(() => (this.refreshing = undefined));
  }

  private takeWaiting(room: Room, gap: Gap): void {
    const { buffer } = gap;
    let taken = 0;
    for (const event of buffer) {
      if (event.seq > room.last + 1) break;
      if (event.seq === room.last + 1) this.rooms.advance(room, event);
      taken++;
    }
    buffer.splice(0, taken);
  }

  private stillHeld(room: Room): boolean {
    return !room.ended && this.rooms.held.get(room.id) === room;
  }
}

const complete = (room: Room, gap: Gap): boolean => !gap.waits && gap.toHead === 0 && room.last >= gap.seen;
