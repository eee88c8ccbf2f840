import type { OwnState, PresenceNotice, RoomPresence } from '@maru/contracts';
import { Emitter } from '../emitter';

export interface PresenceEvents {
  /** Of one user. */
  change: PresenceNotice;
}
interface PresenceParts {
  /** Tells the server how this connection's user is; once, if there is a connection. */
  tell(state: OwnState): void;
  read(roomId: string): Promise<RoomPresence>;
}

/** After a new connection all are offline who are not named within this time. */
const namedWithinMs = 1000;

/** Whether others are there, as far as this user is told: his friends, and members of rooms that are watched. */
export class Presence extends Emitter<PresenceEvents> {
  private readonly known = new Map<string, PresenceNotice>();
  private readonly watched = new Set<string>();
  /** Told of while rooms were being read, a set for each: an answer may be older. */
  private readonly reading = new Set<Set<string>>();
  /** Known from the connection before, and not named on this one yet. */
  private doubtful = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private own: OwnState = 'online';

  /** @internal */
  constructor(private readonly parts: PresenceParts) {
    super();
  }

  /** What was last heard of a user; undefined when nothing was. */
  of(userId: string): PresenceNotice | undefined {
    return this.known.get(userId);
  }

  /** Says that the user is away at this device, or back. He is away for others when all his devices say so. */
  set(state: OwnState): void {
    if (state === this.own) return;
    this.own = state;
    this.parts.tell(state);
  }

  /** Who of a room is there now; from now on its members are kept up, where it has at most 200. @throws MaruError */
  async watch(roomId: string): Promise<RoomPresence> {
    this.watched.add(roomId);
    const told = new Set<string>();
    this.reading.add(told);
    try {
      const presence = await this.parts.read(roomId);
      for (const item of presence.items ?? []) if (!told.has(item.userId)) this.is(item);
      return presence;
    } finally {
      this.reading.delete(told);
    }
  }

  unwatch(roomId: string): void {
    this.watched.delete(roomId);
  }

  /** @internal It was told. */
  take(notice: PresenceNotice): void {
    for (const told of this.reading) told.add(notice.userId);
    this.is(notice);
  }

  /** @internal There is a new connection: it tells who is there, not who has gone meanwhile. */
  ready(): void {
    this.doubtful = new Set(
      [...this.known.values()].flatMap(({ userId, state }) => (state === 'offline' ? [] : userId)),
    );
    clearTimeout(this.timer);
    if (this.own === 'away') this.parts.tell('away');
    // What cannot be read now is read at the next connection.
    const reads = [...this.watched].map((roomId) => this.watch(roomId).catch(() => undefined));
    this.timer = setTimeout(() => void Promise.all(reads).then(() => this.settle()), namedWithinMs);
  }

  /** @internal */
  end(): void {
    clearTimeout(this.timer);
    this.doubtful.clear();
  }

  private is({ userId, state, lastSeen }: PresenceNotice): void {
    this.doubtful.delete(userId);
    const before = this.known.get(userId);
    const now = { userId, state, ...(lastSeen !== undefined && { lastSeen }) };
    this.known.set(userId, now);
    if (before?.state !== state || before.lastSeen !== lastSeen) this.emit('change', now);
  }

  private settle(): void {
    for (const userId of [...this.doubtful]) this.is({ userId, state: 'offline' });
  }
}
