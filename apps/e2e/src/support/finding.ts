import type { RoomEvent } from '@maru/contracts';

/** What a judge has found wrong. */
export interface Finding {
  kind:
    | 'lost'
    | 'doubled'
    | 'changed'
    | 'invented'
    | 'disordered'
    | 'hole'
    | 'leaked'
    | 'miscounted'
    | 'strayed'
    | 'stalled';
  text: string;
}

export type Find = (kind: Finding['kind'], text: string) => unknown;

/** Each room's events as the public API tells them, from the first to the last. */
export type History = ReadonlyMap<string, readonly RoomEvent[]>;

/** A stretch of seqs in which a user was a member: from his memberJoined to his memberLeft, both included. */
export interface Stretch {
  from: number;
  to: number;
}

/** When a user was in a room; the last stretch is open (`Infinity`) while he is. A deleted room ends for all. */
export function reachOf(userId: string, events: readonly RoomEvent[]): Stretch[] {
  const reach: Stretch[] = [];
  for (const event of events) {
    const last = reach.at(-1);
    if (event.type === 'memberJoined' && event.userId === userId)
      reach.push({ from: event.seq, to: Infinity });
    const ends = event.type === 'roomDeleted' || (event.type === 'memberLeft' && event.userId === userId);
    if (ends && last?.to === Infinity) last.to = event.seq;
  }
  return reach;
}

export const isIn = (reach: readonly Stretch[], seq: number): boolean =>
  reach.some(({ from, to }) => from <= seq && seq <= to);

/** At the end of the history. */
export const isMember = (reach: readonly Stretch[]): boolean => reach.at(-1)?.to === Infinity;
