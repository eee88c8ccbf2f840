import type { RoomEvent } from '@maru/contracts';
import { tellsOf } from './canonical';
import { type Find, isIn, isMember, reachOf, type Stretch } from './finding';
import type { ClientRecord } from './record';
import type { RoomView } from './room-view';

/**
 * What a client has seen is history, without a hole and within his membership, and at the end he stands where
 * the room stands. `texts`: the events in their canonical form.
 */
export function judgeView(
  roomId: string,
  events: readonly RoomEvent[],
  texts: readonly string[],
  record: ClientRecord,
  find: Find,
): void {
  const view = record.views.get(roomId);
  const reach = reachOf(record.userId, events);
  const { label } = record;
  if (view) {
    judgeHeard(view, texts, reach, label, find);
    judgeHoles(view, label, find);
  }
  if (reach.length === 0 && record.signals.some(({ body }) => roomOf(body) === roomId))
    find('leaked', `${label} was told who reads or types where he has never been a member`);
  const open = view?.open;
  if (isMember(reach) && (open ?? 0) < events.length)
    find('hole', `${label} stands at ${open ?? 'no seq'}, the room at ${events.length}`);
  if (!isMember(reach) && open !== undefined)
    find('hole', `${label} still takes himself for a member at ${open}: nobody told him that he is out`);
}

const roomOf = (body: unknown): unknown => (body as { roomId?: unknown } | null)?.roomId;

function judgeHeard(
  view: RoomView,
  texts: readonly string[],
  reach: readonly Stretch[],
  label: string,
  find: Find,
): void {
  for (const [seq, json] of [...view.heard, ...view.filled]) {
    if (seq > texts.length) find('invented', `${label} was told an event ${seq} that history does not have`);
    else if (!tellsOf(json, texts[seq - 1])) find('changed', `${label} was told another event at ${seq}`);
  }
  for (const seq of view.heard.keys()) {
    if (!isIn(reach, seq) && !cameWithLaterMembership(view, reach, seq))
      find('leaked', `${label} heard ${seq}, outside his membership`);
  }
}

/** A member may read all of a room: a resume after he has come back holds the time when he was out as well. */
function cameWithLaterMembership(view: RoomView, reach: readonly Stretch[], seq: number): boolean {
  const resumed = view.resumed.find(({ from, last }) => from <= seq && seq <= last);
  if (resumed === undefined) return false;
  const { to } = resumed;
  // The connection was lost before `ready` said where he stands: he has come back at some time.
  return to === undefined ? reach.some(({ from }) => from > seq) : isIn(reach, to);
}

function judgeHoles(view: RoomView, label: string, find: Find): void {
  for (const { after, last } of view.spans) {
    for (let seq = after + 1; seq <= last; seq++) {
      const excused = view.outOfReach.some((range) => range.after < seq && seq <= range.upTo);
      if (!view.has(seq) && !excused) find('hole', `${label} never had ${seq}, but ${last}`);
    }
  }
}
