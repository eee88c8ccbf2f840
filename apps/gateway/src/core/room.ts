import { Batch, type Span } from './batch';
import type { Connection } from './connection';
import type { ServerEvent } from './frames';
import type { CarriedEvent } from './room-event';
import { Tail } from './tail';

/** Events that wait until those before them have been fetched; `seen` is the newest seq known of. */
export interface Gap {
  seen: number;
  /** The head has still to be asked for: what was missed left no trace. 0 when it has not; each demand has another number. */
  toHead: number;
  /** Events of the room do not come here yet: it is filled once they do. */
  waits: boolean;
  buffer: CarriedEvent[];
  /** It is filled, or will never be. */
  done: () => void;
}

/**
 * A room that is held here since a member is connected. `sent` follows `last` by at most one batch. A
 * connection is in one of three places: `live` gets every batch; `partial` gets batches cut at its span (it
 * stands ahead of the room, joined or leaves within the batch); `catching` reads on its own until it stands at `sent`.
 */
export class Room {
  readonly live = new Set<Connection>();
  readonly partial = new Map<Connection, Span>();
  readonly catching = new Map<Connection, { readonly cursor: number }>();
  tail: Tail;
  gap: Gap | undefined;
  /** The log has told an event of it since it is held: until then `last` may lie ahead of the log. */
  placed = false;
  /** After roomDeleted nothing follows. */
  ended = false;
  /** Since when no connection is in it, in ms since 1970. */
  emptySince: number | undefined = Date.now();
  /** When its newest event came, in ms since 1970. */
  appendedAt = 0;
  /** How many messages were deleted while it was held here. */
  deletions = 0;
  private pending: CarriedEvent[] = [];
  private signals: ServerEvent[] = [];

  /** The seq of the newest event known here, in order. */
  last: number;
  /** The seq of the newest event that connections here were given. */
  sent: number;

  constructor(
    readonly id: string,
    /** Where it stood when it was first held here, as the store or the log told. */
    readonly heldAt: number,
  ) {
    this.last = this.sent = heldAt;
    this.tail = new Tail(heldAt);
  }

  get hasPending(): boolean {
    return this.pending.length > 0 || this.signals.length > 0;
  }

  /** The next event. */
  append(event: CarriedEvent): void {
    this.tail.push(event);
    if (event.type === 'messageDeleted' && event.messageSeq !== null) {
      this.deletions++;
      this.tail.silence(event.messageSeq);
    }
    this.last = event.seq;
    this.pending.push(event);
    this.appendedAt = Date.now();
    if (event.type === 'roomDeleted') this.ended = true;
  }

  /**
   * Goes on after `seq`, with nothing pending, wherever it stood. Who is live keeps his place: of what he has had already he
   * gets nothing again.
   */
  goTo(seq: number): void {
    for (const connection of this.live) this.partial.set(connection, { after: this.sent, upTo: Infinity });
    this.live.clear();
    this.last = this.sent = seq;
    this.tail = new Tail(seq);
  }

  appendSignal(signal: ServerEvent): void {
    this.signals.push(signal);
  }

  takeBatch(): Batch {
    const batch = new Batch(this.sent, this.pending, this.signals);
    this.pending = [];
    this.signals = [];
    this.sent = this.last;
    return batch;
  }

  has(connection: Connection): boolean {
    return this.live.has(connection) || this.partial.has(connection) || this.catching.has(connection);
  }

  /** The seq up to which a connection has the room's events; `undefined` when it is not in the room. */
  positionOf(connection: Connection): number | undefined {
    if (this.live.has(connection)) return this.sent;
    return this.partial.get(connection)?.after ?? this.catching.get(connection)?.cursor;
  }

  /** Those who do not have its events up to `seq`. */
  whoIsBelow(seq: number): Connection[] {
    const all = [...this.live, ...this.partial.keys(), ...this.catching.keys()];
    return all.filter((connection) => (this.positionOf(connection) ?? seq) < seq);
  }

  enter(connection: Connection): void {
    connection.rooms.add(this);
    this.emptySince = undefined;
  }

  /** The connection gets nothing more of this room. */
  leave(connection: Connection): void {
    this.live.delete(connection);
    this.partial.delete(connection);
    this.catching.delete(connection);
    connection.rooms.delete(this);
    if (this.live.size + this.partial.size + this.catching.size === 0) this.emptySince ??= Date.now();
  }
}
