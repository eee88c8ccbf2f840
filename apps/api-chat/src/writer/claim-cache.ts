import type { Outcome } from './batch';
import type { Membership, RoomState } from './room-state';
import type { Names, Snapshot } from './snapshot';

/** Rooms and members remembered at most; about 350 bytes each. */
const maxEntries = 50_000;
/** How long the store's clock is carried on by this process's before it is read anew. */
const clockMs = 10_000;

/**
 * The rooms and members that a claim has seen or made, and the store's clock. Nobody but the claim's holder writes
 * them, so what is here stays true until the claim is lost, and goes with it. Blocks are written by others, so they
 * are looked up for each batch with a message in a direct room; messages that a batch changes, since few are changed
 * again.
 */
export class ClaimCache {
  private readonly rooms = new Map<string, RoomState>();
  private readonly members = new Map<string, Membership>();
  private clock = { store: 0, read: -Infinity };

  /** The store's clock in ms; undefined when it was last read too long ago. */
  now(): number | undefined {
    const since = performance.now() - this.clock.read;
    return since > clockMs ? undefined : this.clock.store + since;
  }

  setClock(store: number): void {
    this.clock = { store, read: performance.now() };
  }

  /** Moves what is known of the names into the snapshot; the names that are left have to be looked up. */
  recall(names: Names, into: Snapshot): void {
    for (const id of names.rooms) {
      const room = this.rooms.get(id);
      if (room === undefined) continue;
      into.rooms.set(id, room);
      names.rooms.delete(id);
      if (room.kind !== 'direct') names.pairs.delete(id);
    }
    for (const key of names.members.keys()) {
      const member = this.members.get(key);
      if (member === undefined) continue;
      into.members.set(key, member);
      names.members.delete(key);
    }
  }

  /**
   * Remembers what was looked up. Not while a batch is under way: what is here already counts as newer, and when
   * it grows too large all is forgotten.
   */
  keep({ rooms, members }: Snapshot): void {
    if (this.rooms.size + this.members.size > maxEntries) {
      this.rooms.clear();
      this.members.clear();
    }
    for (const [id, room] of rooms) if (!this.rooms.has(id)) this.rooms.set(id, room);
    for (const [key, member] of members) if (!this.members.has(key)) this.members.set(key, member);
  }

  /** What a batch has made of rooms and members, once it is committed. */
  take({ rooms, members }: Outcome): void {
    for (const [id, room] of rooms) this.rooms.set(id, room);
    for (const [key, { place }] of members) this.members.set(key, place);
  }
}
