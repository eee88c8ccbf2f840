import { resumeCaps, type Standing } from '@maru/contracts';

/** Where a connection begins in one of its rooms. `head`: the room's seq at which the user was a member. */
export interface Start {
  roomId: string;
  head: number;
  /** The client has everything up to here. */
  after: number;
  /** The client has named it and goes on from there: what comes next need not wait for `ready`. */
  resumed: boolean;
  /** The client cannot have everything: it starts anew from the head. */
  reset: false | 'ahead' | 'forgotten' | 'too_many';
}

export interface Plan {
  starts: Start[];
  /** Rooms that the client named and the user is not in, with the seq of his leaving (0: unknown). */
  removed: Map<string, number>;
}

/**
 * A resume is whole or says no: a room beyond a cap, or whose client is ahead of it, or has missed what is not kept any
 * more, is reset. `whole`: it names every
 * room that the user was in, so one that it does not name begins with his joining.
 */
export function planResume(standing: Standing, resume: Record<string, number>, whole = false): Plan {
  const mine = new Set(standing.rooms.map(([roomId]) => roomId));
  const left = new Map(standing.left);
  let missed = 0;
  const starts = standing.rooms.map(([roomId, head, joinedSeq, keptFrom = 1]): Start => {
    const named = Object.hasOwn(resume, roomId) ? resume[roomId] : undefined;
    const last = named ?? (whole ? joinedSeq - 1 : undefined);
    const anew = { roomId, head, after: head, resumed: false };
    if (last === undefined) return { ...anew, reset: false };
    if (last > head) return { ...anew, reset: 'ahead' };
    if (last + 1 < keptFrom) return { ...anew, reset: 'forgotten' };
    const count = head - last;
    const tooMany = count > resumeCaps.eventsPerRoom || missed + count > resumeCaps.eventsPerConnection;
    if (tooMany) return { ...anew, reset: 'too_many' };
    missed += count;
    return { roomId, head, after: last, resumed: true, reset: false };
  });
  const removed = Object.keys(resume).filter((roomId) => !mine.has(roomId));
  return { starts, removed: new Map(removed.map((roomId) => [roomId, left.get(roomId) ?? 0])) };
}
