import { Emitter } from '../emitter';

export interface PresenceState {
  userId: string;
  state: 'online' | 'away' | 'offline';
  /** When he was last seen, if he is not online. */
  lastSeen?: string | null;
}
export interface PresenceEvents {
  /** Of one user. */
  change: PresenceState;
}

/** Whether others are there, as far as this user is told: friends and members of his smaller rooms. */
export class Presence extends Emitter<PresenceEvents> {
  private readonly known = new Map<string, PresenceState>();

  /** What was last heard of a user. */
  of(userId: string): PresenceState | undefined {
    return this.known.get(userId);
  }

  /** @internal */
  take(body: PresenceState): void {
    this.known.set(body.userId, body);
    this.emit('change', body);
  }
}
