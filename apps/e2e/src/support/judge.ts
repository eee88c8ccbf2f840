import type { Message, RoomEvent } from '@maru/contracts';
import { canonical } from './canonical';
import type { ClientRecord, Sent } from './record';

export interface Finding {
  kind: 'lost' | 'doubled' | 'changed' | 'invented' | 'disordered' | 'hole' | 'leaked';
  text: string;
}

/** Each room's events as the public API tells them, from the first to the last. */
export type History = ReadonlyMap<string, readonly RoomEvent[]>;

/**
 * Holds what clients wrote down against history: every acked message once at its seq, seqs dense, nothing
 * refused or invented, and every client has seen what history says, in order, without a hole, within his membership.
 * `records` are those of all who sent anything. Nothing found: all is well.
 */
export function judge(history: History, records: readonly ClientRecord[]): Finding[] {
  const findings: Finding[] = [];
  for (const [roomId, events] of history) {
    const find = (kind: Finding['kind'], text: string) =>
      findings.push({ kind, text: `room ${roomId}: ${text}` });
    judgeOrder(events, find);
    judgeSends(
      events,
      records.map((record) => ({ record, sends: record.sent.filter((sent) => sent.roomId === roomId) })),
      find,
    );
    const texts = events.map(canonical);
    for (const record of records) judgeView(roomId, events, texts, record, find);
  }
  for (const record of records) {
    findings.push(...record.disorders.map((text) => ({ kind: 'disordered' as const, text })));
  }
  return findings;
}

type Find = (kind: Finding['kind'], text: string) => void;

function judgeOrder(events: readonly RoomEvent[], find: Find): void {
  let messages = 0;
  events.forEach((event, index) => {
    if (event.seq !== index + 1) find('disordered', `seq ${event.seq} stands at place ${index + 1}`);
    if (event.type === 'message') messages++;
    if (event.messageNo !== messages)
      find('disordered', `seq ${event.seq} has messageNo ${event.messageNo}, not ${messages}`);
  });
}

function judgeSends(
  events: readonly RoomEvent[],
  all: { record: ClientRecord; sends: Sent[] }[],
  find: Find,
): void {
  const bySender = new Map<string, Message[]>();
  for (const event of events) {
    if (event.type !== 'message') continue;
    const key = `${event.senderId} ${event.id}`;
    const same = bySender.get(key);
    if (same) same.push(event);
    else bySender.set(key, [event]);
  }
  for (const { record, sends } of all) {
    for (const sent of sends) {
      const key = `${record.userId} ${sent.id}`;
      judgeSend(sent, bySender.get(key) ?? [], record.label, find);
      bySender.delete(key);
    }
  }
  for (const [key, messages] of bySender) {
    find('invented', `nobody has sent ${key}, at ${messages.map(({ seq }) => seq).join()}`);
  }
}

function judgeSend(sent: Sent, there: readonly Message[], label: string, find: Find): void {
  const name = `${label}'s message ${sent.id}`;
  const { outcome } = sent;
  const [first] = there;
  if (there.length > 1) find('doubled', `${name} is at ${there.map(({ seq }) => seq).join()}`);
  if (first && (first.text !== sent.text || first.kind !== sent.messageKind))
    find('changed', `${name} at ${first.seq} is not what was sent`);
  if (outcome.kind === 'acked' && !there.some(({ seq }) => seq === outcome.seq))
    find('lost', `${name} was acked at ${outcome.seq}, is at ${first?.seq ?? 'no seq'}`);
  if (outcome.kind === 'refused' && first)
    find('invented', `${name} was refused (${outcome.code}), is at ${first.seq}`);
}

function judgeView(
  roomId: string,
  events: readonly RoomEvent[],
  texts: readonly string[],
  record: ClientRecord,
  find: Find,
): void {
  const view = record.views.get(roomId);
  const reach = reachOf(record.userId, events);
  for (const [seq, json] of view?.heard ?? []) {
    if (texts[seq - 1] !== json) find('changed', `${record.label} heard another event at ${seq}`);
    if (!reach.some(({ from, to }) => from <= seq && seq <= to))
      find('leaked', `${record.label} heard ${seq}, outside his membership`);
  }
  for (const span of view?.spans ?? []) {
    for (let seq = span.after + 1; seq <= span.last; seq++) {
      if (view?.heard.has(seq) === false && !view.filled.has(seq))
        find('hole', `${record.label} never had ${seq}, but ${span.last}`);
    }
  }
  const open = view?.open;
  const isMember = reach.some(({ to }) => to === Infinity);
  if (isMember && (open ?? 0) < events.length)
    find('hole', `${record.label} stands at ${open ?? 'no seq'}, the room at ${events.length}`);
}

/** The seqs between a user's memberJoined and his memberLeft, both included; a deleted room ends for all. */
function reachOf(userId: string, events: readonly RoomEvent[]): { from: number; to: number }[] {
  const reach: { from: number; to: number }[] = [];
  for (const event of events) {
    const last = reach.at(-1);
    if (event.type === 'memberJoined' && event.userId === userId)
      reach.push({ from: event.seq, to: Infinity });
    const ends = event.type === 'roomDeleted' || (event.type === 'memberLeft' && event.userId === userId);
    if (ends && last?.to === Infinity) last.to = event.seq;
  }
  return reach;
}
