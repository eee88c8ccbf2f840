import type { MyRoom, RoomEvent } from '@maru/contracts';
import { type Find, isMember, reachOf } from './finding';
import type { ClientRecord } from './record';

/** What the API shows of rooms to one of a user's devices. */
export interface Standing {
  record: ClientRecord;
  /** The user's rooms. */
  rooms: readonly MyRoom[];
  /** By room, the HTTP status when its events are asked for. */
  answers: ReadonlyMap<string, number>;
}

/**
 * What each device is shown of a room agrees with a recount of history and of what the device itself has had,
 * with what its user has sent and read, and with his other devices.
 */
export function judgeCounts(
  roomId: string,
  events: readonly RoomEvent[],
  records: readonly ClientRecord[],
  standings: readonly Standing[],
  find: Find,
): void {
  const markers = new Map<string, number>();
  for (const { record, rooms, answers } of standings) {
    const { userId, label } = record;
    const mine = rooms.find(({ id }) => id === roomId);
    const member = isMember(reachOf(userId, events));
    if (!member && mine) find('leaked', `${label} is shown the room though he is not in it`);
    if (!member && answers.get(roomId) === 200)
      find('leaked', `${label} may read the room though he is not in it`);
    if (member && !mine) find('hole', `${label} is not shown the room though he is in it`);
    if (!member || !mine) continue;
    judgeHead(label, events, mine, find);
    judgeMarker(userId, label, events, records, mine, find);
    judgeDevice(record, mine, find);
    const other = markers.get(userId) ?? mine.readSeq;
    if (other !== mine.readSeq)
      find('miscounted', `${label} has read up to ${mine.readSeq}, on another device up to ${other}`);
    markers.set(userId, mine.readSeq);
  }
}

function judgeHead(label: string, events: readonly RoomEvent[], mine: MyRoom, find: Find): void {
  const { seq, messageNo, readSeq, unread } = mine;
  const messages = (after: number) => events.filter((e) => e.type === 'message' && e.seq > after).length;
  if (seq !== events.length || messageNo !== messages(0))
    find(
      'miscounted',
      `${label} is shown seq ${seq} and ${messageNo} messages, not ${events.length} and ${messages(0)}`,
    );
  if (unread !== messages(readSeq))
    find('miscounted', `${label} is shown ${unread} unread after ${readSeq}, there are ${messages(readSeq)}`);
}

/** A marker stands at the furthest that its user has joined, sent or read, and nowhere that he did not ask for. */
function judgeMarker(
  userId: string,
  label: string,
  events: readonly RoomEvent[],
  records: readonly ClientRecord[],
  { id, readSeq }: MyRoom,
  find: Find,
): void {
  const own = events.findLast((event) =>
    event.type === 'message'
      ? event.senderId === userId
      : event.type === 'memberJoined' && event.userId === userId,
  );
  const reads = records
    .filter((record) => record.userId === userId)
    .flatMap((record) => record.reads.filter(({ roomId }) => roomId === id));
  const acked = reads.map(({ outcome }) => (outcome.kind === 'acked' ? outcome.seq : 0));
  const open = reads.map(({ outcome, seq }) =>
    outcome.kind === 'unknown' ? Math.min(seq, events.length) : 0,
  );
  const least = Math.max(own?.seq ?? 0, ...acked);
  const most = Math.max(least, ...open);
  if (readSeq < least || readSeq > most)
    find(
      'miscounted',
      `${label} has read up to ${readSeq}, which should be ${least}${most > least ? ` to ${most}` : ''}`,
    );
}

/** The device's own recount, as far as it has all that came after the marker. */
function judgeDevice(
  { views, label }: ClientRecord,
  { id, seq: head, readSeq, unread }: MyRoom,
  find: Find,
): void {
  const view = views.get(id);
  let count = 0;
  for (let seq = readSeq + 1; seq <= head; seq++) {
    const json = view?.heard.get(seq) ?? view?.filled.get(seq);
    if (json === undefined) return;
    if ((JSON.parse(json) as RoomEvent).type === 'message') count++;
  }
  if (count !== unread)
    find('miscounted', `${label} has had ${count} messages after ${readSeq}, is shown ${unread} unread`);
}
