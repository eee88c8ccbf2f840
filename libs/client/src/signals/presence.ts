import { Emitter } from '../emitter';

/** How a user is. `lastSeen`, of one who is offline: when his last connection ended, if that is known. */
export interface PresenceState {
  userId: string;
  state: 'online' | 'away' | 'offline';
  lastSeen?: string;
}
/** Who of a room is there: by user up to 200 members, and in counts. */
export interface RoomPresence {
  members: number;
  online: number;
  away: number;
  items?: PresenceState[];
}
export interface PresenceEvents {
  /** Of one user. */
  change: PresenceState;
}
interface PresenceParts {
  /** Tells the server how this connection's user is; once, if there is a connection. */
  tell(state: 'online' | 'away'): void;
  read(roomId: string): Promise<RoomPresence>;
}

/** After a new connection all are offline who are not named within this time. */
const namedWithinMs = 1000;

/** Whether others are there, as far as this user is told: his friends, and members of rooms that are watched. */
export class Presence extends Emitter<PresenceEvents> {
  private readonly known = new Map<string, PresenceState>();
  private readonly watched = new Set<string>();
  /** Known from the connection before, and not named on this one yet. */
  private doubtful = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private own: 'online' | 'away' = 'online';

  /** @internal */
  constructor(private readonly parts: PresenceParts) {
    super();
  }

  /** What was last heard of a user; undefined when nothing was. */
  of(userId: string): PresenceState | undefined {
    return this.known.get(userId);
  }

  /** Says that the user is away at this device, or back. He is away for others when all his devices say so. */
  set(state: 'online' | 'away'): void {
    if (state === this.own) return;
    this.own = state;
    this.parts.tell(state);
  }

  /** Who of a room is there now; from now on its members are kept up, where it has at most 200. @throws MaruError */
  async watch(roomId: string): Promise<RoomPresence> {
    this.watched.add(roomId);
    const presence = await this.parts.read(roomId);
    for (const item of presence.items ?? []) this.take(item);
    return presence;
  }

  unwatch(roomId: string): void {
    this.watched.delete(roomId);
  }

  /** @internal */
  take({ userId, state, lastSeen }: PresenceState): void {
    this.doubtful.delete(userId);
    const before = this.known.get(userId);
    const now = { userId, state, ...(lastSeen !== undefined && { lastSeen }) };
    this.known.set(userId, now);
    if (before?.state !== state || before.lastSeen !== lastSeen) this.emit('change', now);
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

  private settle(): void {
    for (const userId of [...this.doubtful]) this.take({ userId, state: 'offline' });
  }
}
