import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { Registrations } from '../routing/registrations.service';
import type { Connection } from './connection';
import { CoreMetrics } from './core.metrics';
import { FanOut } from './fan-out.service';
import { PassedBy } from './passed-by';
import { Registry } from './registry';
import { type Gap, Room } from './room';
import type { CarriedEvent } from './room-event';

interface Missing {
  event?: CarriedEvent;
  toHead?: boolean;
}

/** The rooms held here. Delivery follows memberJoined and memberLeft at their seq, and nothing else. */
@Injectable()
export class RoomsService implements OnModuleInit, OnModuleDestroy {
  readonly held = new Map<string, Room>();
  /** Newest seqs of rooms that were not held, while somebody's rooms are being asked for. */
  readonly passedBy = new PassedBy();
  /** Called when a room turns out to stand behind: something between `last` and `gap.seen` is missing. */
  onGap: (room: Room) => void = () => undefined;
  /** Called with the id of a room that comes to be held, is let go, or has another member or one less. */
  onHeld: (roomId: string) => void = () => undefined;
  onLetGo: (roomId: string) => void = () => undefined;
  onMembers: (roomId: string) => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;
  private demands = 0;

  constructor(
    @Inject(GATEWAY_ENV) private readonly env: Pick<GatewayEnv, 'ROOM_LINGER_MS' | 'TAILS_MAX_CHARACTERS'>,
    private readonly registry: Registry,
    private readonly fanOut: FanOut,
    private readonly registrations: Registrations,
    private readonly metrics: CoreMetrics,
  ) {
    this.fanOut.onEnded = (room) => this.letGo(room);
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.sweep(), Math.min(this.env.ROOM_LINGER_MS, 10_000)).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** The room, held from now on; one that was not held stands at `head`. */
  hold(roomId: string, head: number): Room {
    let room = this.held.get(roomId);
    if (room !== undefined) return room;
    room = new Room(roomId, head);
    this.held.set(roomId, room);
    this.metrics.roomsHeld.set(this.held.size);
    this.onHeld(roomId);
    if (!this.registrations.hold('room', roomId)) this.wait(room);
    const passed = this.passedBy.newest(roomId);
    if (passed > head) {
      room.placed = true;
      this.behind(room, passed);
    }
    return room;
  }

  /** The next event of a held room as it comes from the log: a repeat is dropped, a gap is filled first. */
  take(room: Room, event: CarriedEvent): void {
    if (!room.placed) this.place(room, event.seq);
    if (event.seq <= room.last) return;
    if (room.gap === undefined && event.seq === room.last + 1) this.advance(room, event);
    else this.behind(room, event.seq, { event });
  }

  /**
   * A room that was first held at the store's head may lie ahead of the log. The first event says where the log
   * stands: the room goes back there, so that who joins or leaves between is followed like everybody else.
   */
  private place(room: Room, seq: number): void {
    room.placed = true;
    if (seq > room.last) return;
    this.fanOut.flush(room);
    room.goTo(seq - 1);
    // A router that was away may tell old events, and no more of them: the rest has come before.
    if (this.registrations.routed) this.behind(room, room.last, { toHead: true });
  }

  /**
   * What comes next of the room is not kept any more: it goes on at `keptFrom`. Who has not come so far is told no part of it: he
   * is sent away, comes back with his last seq, and hears `reset`.
   */
  goOnAt(room: Room, keptFrom: number): void {
    this.fanOut.flush(room);
    room.goTo(keptFrom - 1);
    for (const connection of room.whoIsBelow(keptFrom - 1)) connection.end('unavailable');
  }

  /** The event after `room.last`, from the log or from the store. */
  advance(room: Room, event: CarriedEvent): void {
    if (event.userId !== null && event.type === 'memberJoined') this.joined(room, event.userId, event.seq);
    room.append(event);
    if (event.userId !== null) this.onMembers(room.id);
    if (event.userId !== null && event.type === 'memberLeft') this.left(room, event.userId, event.seq);
    this.fanOut.touch(room);
  }

  /** The room has events up to `seen`, or up to its head, that are not here; `event` waits until they are. */
  private behind(room: Room, seen: number, { event, toHead = false }: Missing = {}): void {
    const known = room.gap !== undefined;
    const gap = (room.gap ??= this.gap(seen));
    gap.seen = Math.max(gap.seen, seen);
    if (toHead) gap.toHead = ++this.demands;
    if (event !== undefined && gap.buffer.length < maxWaiting) gap.buffer.push(event);
    if (!known) this.onGap(room);
  }

  private gap(seen: number): Gap {
    return { seen, toHead: 0, waits: false, buffer: [], done: this.fanOut.missing() };
  }

  /** The room's events do not come here yet, or not any more. */
  wait(room: Room): void {
    room.gap ??= this.gap(room.last);
    room.gap.waits = true;
  }

  /** What is committed from now on comes here: what was committed before is fetched. */
  comes(roomId: string): void {
    const room = this.held.get(roomId);
    if (room?.gap?.waits !== true) return;
    room.gap.waits = false;
    room.gap.toHead = ++this.demands;
    this.onGap(room);
  }

  /** Nothing is missing any more, or nobody is there to miss it. */
  filled(room: Room): void {
    room.gap?.done();
    room.gap = undefined;
  }

  /** Every room's newest events may have been missed without a trace. */
  fillToHead(rooms: Iterable<Room>): void {
    for (const room of rooms) this.behind(room, room.last, { toHead: true });
  }

  private joined(room: Room, userId: string, seq: number): void {
    for (const connection of this.registry.of(userId)) {
      if (connection.opening?.joined) connection.opening.joined.set(room.id, seq);
      else this.joinedAt(room, connection, seq);
    }
  }

  private joinedAt(room: Room, connection: Connection, seq: number): void {
    const span = room.partial.get(connection);
    if (span === undefined && room.has(connection)) return;
    if (span !== undefined && seq <= span.after) return;
    // Left and back within one batch: the first part is given out before the second begins.
    if (span !== undefined && span.upTo < seq) this.fanOut.flush(room);
    if (connection.closed || room.has(connection) || seq <= connection.outSince(room.id)) return;
    room.enter(connection);
    room.partial.set(connection, { after: seq - 1, upTo: Infinity });
    if (seq <= room.heldAt) this.metrics.lateJoins.inc();
  }

  private left(room: Room, userId: string, seq: number): void {
    for (const connection of this.registry.of(userId)) {
      connection.opening?.joined?.delete(room.id);
      connection.leftAt(room.id, seq);
      const span = room.partial.get(connection);
      if (room.live.delete(connection)) room.partial.set(connection, { after: room.sent, upTo: seq });
      else if (span !== undefined && seq > span.after) span.upTo = Math.min(span.upTo, seq);
    }
  }

  private letGo(room: Room): void {
    for (const connection of [...room.live, ...room.partial.keys()]) {
      connection.leftAt(room.id, room.last);
      room.leave(connection);
    }
    this.filled(room);
    if (this.held.get(room.id) === room && this.held.delete(room.id)) {
      this.registrations.letGo('room', room.id);
      this.onLetGo(room.id);
    }
    // Somebody's answer may be older than what this room has seen.
    if (this.passedBy.watching) this.passedBy.note(room.id, room.last);
    this.metrics.roomsHeld.set(this.held.size);
  }

  private sweep(): void {
    for (const room of this.held.values()) {
      // A join may be among the events that wait for those before them. Those may never come.
      const lingerMs = room.gap === undefined ? this.env.ROOM_LINGER_MS : gapLingerMs;
      if (room.emptySince !== undefined && room.emptySince <= Date.now() - lingerMs) this.letGo(room);
    }
    this.boundTails();
  }

  /** All tails together stay within TAILS_MAX_CHARACTERS: rooms that have been quiet longest lose theirs. */
  private boundTails(): void {
    let size = [...this.held.values()].reduce((sum, room) => sum + room.tail.size, 0);
    if (size <= this.env.TAILS_MAX_CHARACTERS) return;
    for (const room of [...this.held.values()].sort((a, b) => a.appendedAt - b.appendedAt)) {
      if (size <= this.env.TAILS_MAX_CHARACTERS) return;
      // What has not been given out yet is still needed.
      if (room.hasPending) continue;
      size -= room.tail.size;
      room.tail.clear();
    }
  }
}

/** How long an empty room waits for what may never come: a store that was set back lacks it. */
const gapLingerMs = 600_000;
/** Events of one room that wait for a gap to be filled; those beyond are fetched as well. */
const maxWaiting = 1000;
