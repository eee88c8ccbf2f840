import type { RoomEvent } from '@maru/contracts';
import { canonical } from './canonical';
import type { Find, Finding, History } from './finding';
import { judgeCounts, type Standing } from './judge-counts';
import { judgeLog, type LogRecord } from './judge-log';
import { judgeMembers } from './judge-members';
import { judgeSends } from './judge-sends';
import { judgeView } from './judge-view';
import type { ClientRecord } from './record';

export type { Finding, History } from './finding';

/** What else there is to hold against history. */
export interface Evidence {
  /** `chat.events` from before the rooms were made, each room's records in the order of the log. */
  log?: ReadonlyMap<string, readonly LogRecord[]>;
  standings?: readonly Standing[];
}

/**
 * Holds what clients wrote down against history: every acked message once at its seq, seqs dense, nothing
 * refused or invented, every client has seen what history says, in order, without a hole, within his membership;
 * members changed as they were asked to, counts agree with a recount, and `chat.events` is history. `records` are
 * those of all who sent anything. Nothing found: all is well.
 */
export function judge(
  history: History,
  records: readonly ClientRecord[],
  { log, standings = [] }: Evidence = {},
): Finding[] {
  const findings: Finding[] = [];
  for (const [roomId, events] of history) {
    const find: Find = (kind, text) => findings.push({ kind, text: `room ${roomId}: ${text}` });
    const texts = events.map(canonical);
    judgeOrder(events, find);
    judgeSends(roomId, events, records, find);
    judgeMembers(roomId, events, records, find);
    for (const record of records) judgeView(roomId, events, texts, record, find);
    if (log) judgeLog(roomId, texts, log.get(roomId) ?? [], find);
    judgeCounts(roomId, events, records, standings, find);
  }
  for (const record of records) {
    findings.push(...record.disorders.map((text) => ({ kind: 'disordered' as const, text })));
  }
  return findings;
}

function judgeOrder(events: readonly RoomEvent[], find: Find): void {
  let messages = 0;
  const deleted = new Set(events.flatMap((one) => (one.type === 'messageDeleted' ? [one.messageSeq] : [])));
  events.forEach((event, index) => {
    if (event.seq !== index + 1) find('disordered', `seq ${event.seq} stands at place ${index + 1}`);
    if (event.type === 'message') messages++;
    if (event.type === 'message' && event.deleted && !deleted.has(event.seq))
      find('changed', `the words at ${event.seq} are gone, and nobody has deleted them`);
    if (event.messageNo !== messages)
      find('disordered', `seq ${event.seq} has messageNo ${event.messageNo}, not ${messages}`);
  });
}
