import type { RoomEvent } from '@maru/contracts';
import { canonical, tellsOf } from './canonical';
import type { Find } from './finding';

/** One record of `chat.events`. */
export interface LogRecord {
  partition: number;
  key: string;
  event: RoomEvent;
}

/**
 * `chat.events` is a room's history once what has a seq that is not higher than the last is dropped, as its
 * consumers do; it lies in one partition, under the room's id. What comes again says the same, and nothing comes
 * for the first time after what follows it.
 */
export function judgeLog(
  roomId: string,
  texts: readonly string[],
  records: readonly LogRecord[],
  find: Find,
): void {
  if (new Set(records.map(({ partition }) => partition)).size > 1)
    find('strayed', 'chat.events has it in several partitions');
  if (records.some(({ key }) => key !== roomId)) find('strayed', 'chat.events has it under another key');
  const seen = new Set<number>();
  let last = 0;
  for (const { event } of records) {
    const { seq } = event;
    if (seq > texts.length) find('invented', `chat.events has ${seq}, history ends at ${texts.length}`);
    else if (!tellsOf(canonical(event), texts[seq - 1]))
      find('changed', `chat.events has another event at ${seq}`);
    if (seq > last + 1) find('hole', `chat.events has ${seq} after ${last}`);
    if (seq < last && !seen.has(seq)) find('disordered', `chat.events has ${seq} after ${last}`);
    seen.add(seq);
    last = Math.max(last, seq);
  }
  if (last < texts.length) find('hole', `chat.events ends at ${last}, history at ${texts.length}`);
}
