import type { MessageNow, RoomEvent } from '@maru/contracts';
import { type SentMessage, shown } from '../messages';
import type { Rest } from '../rest';

export type HistoryMessage = SentMessage;
export interface HistoryQuery {
  /** Only older ones than this seq. */
  before?: number;
  /** Only newer ones than this seq, the oldest first. */
  after?: number;
}

const limit = 100;

/** Messages page by page, as they are asked for. */
export async function* history(
  rest: Rest,
  roomId: string,
  query: HistoryQuery,
): AsyncGenerator<HistoryMessage, void, undefined> {
  const forward = query.after !== undefined;
  for (let at: HistoryQuery = query; ;) {
    const { items } = await rest.get<{ items: MessageNow[] }>(`/rooms/${roomId}/messages`, { ...at, limit });
    yield* (forward ? items : items.toReversed()).map(shown);
    const end = (forward ? items.at(-1) : items[0])?.seq;
    if (end === undefined || items.length < limit) return;
    at = forward ? { after: end } : { before: end };
  }
}

export async function* pastEvents(
  rest: Rest,
  roomId: string,
  after: number,
): AsyncGenerator<RoomEvent, void, undefined> {
  for (let last = after; ;) {
    const { items } = await rest.get<{ items: RoomEvent[] }>(`/rooms/${roomId}/events`, {
      after: last,
      limit,
    });
    yield* items;
    const end = items.at(-1)?.seq;
    if (end === undefined || items.length < limit) return;
    last = end;
  }
}
