import type { RoomEvent } from '@maru/contracts';
import { type Find, reachOf } from './finding';
import type { Asked, ClientRecord } from './record';

type Change = Extract<RoomEvent, { type: 'memberJoined' | 'memberLeft' }>;

const typeOf = (what: Asked['what']): Change['type'] =>
  what === 'leave' || what === 'remove' ? 'memberLeft' : 'memberJoined';
const keyOf = (type: string, userId: string, byId: string): string => `${type} ${userId} ${byId}`;

/**
 * Members changed as they were asked to, and not once more: what was acked has its effect at its seq, what was
 * refused has none. Only of rooms whose making was written down; `records` are those of all who asked for anything.
 */
export function judgeMembers(
  roomId: string,
  events: readonly RoomEvent[],
  records: readonly ClientRecord[],
  find: Find,
): void {
  const asked = records.flatMap(({ userId: byId, asked }) =>
    asked.filter((one) => one.roomId === roomId).map((one) => ({ ...one, byId })),
  );
  if (!asked.some(({ what }) => what === 'create')) return;
  judgeCount(events, asked, find);
  for (const one of asked) if (one.outcome.kind === 'acked') judgeAcked(events, one, one.outcome.seq, find);
}

function judgeCount(
  events: readonly RoomEvent[],
  asked: readonly (Asked & { byId: string })[],
  find: Find,
): void {
  const left = new Map<string, number>();
  for (const { what, userIds, byId, outcome } of asked) {
    if (outcome.kind === 'refused') continue;
    for (const userId of userIds) {
      const key = keyOf(typeOf(what), userId, byId);
      // Who was a member before joins without an event: then there is none to come.
      const noEvent = what !== 'create' && outcome.kind === 'acked' && !isAt(events, outcome.seq, key);
      if (!noEvent) left.set(key, (left.get(key) ?? 0) + 1);
    }
  }
  for (const event of events) {
    if (event.type === 'roomUpdated' || event.type === 'roomDeleted')
      find('invented', `nobody has asked for ${event.type} at ${event.seq}`);
    if (event.type !== 'memberJoined' && event.type !== 'memberLeft') continue;
    const key = keyOf(event.type, event.userId, event.byId);
    const count = (left.get(key) ?? 0) - 1;
    left.set(key, count);
    if (count < 0)
      find('invented', `${event.type} of ${event.userId} at ${event.seq} is one more than was asked for`);
  }
}

function judgeAcked(
  events: readonly RoomEvent[],
  { what, userIds, byId }: Asked & { byId: string },
  seq: number,
  find: Find,
): void {
  for (const userId of userIds) {
    const type = typeOf(what);
    const done = isAt(events, seq, keyOf(type, userId, byId));
    // Who was a member before joins without an event.
    const wasIn = reachOf(userId, events).some(({ from, to }) => from <= seq && seq < to);
    if (!done && !(type === 'memberJoined' && wasIn))
      find('lost', `${what} of ${userId} by ${byId} was acked at ${seq}, and is not there`);
  }
}

function isAt(events: readonly RoomEvent[], seq: number, key: string): boolean {
  const at = events[seq - 1];
  if (at?.type !== 'memberJoined' && at?.type !== 'memberLeft') return false;
  return keyOf(at.type, at.userId, at.byId) === key;
}
