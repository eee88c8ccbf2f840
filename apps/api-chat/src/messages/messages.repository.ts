import { Inject, Injectable } from '@nestjs/common';
import {
  CodedError,
  type EventsOfRoom,
  type EventsOfRooms,
  type Message,
  type MessagesQuery,
  type RoomEvent,
  withoutWords,
} from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { History } from '../archive/history';
import { nowAsJson, type ReadsNow, readsNow } from './reads-now';

export interface MessagesNow {
  items: string[];
  seq: number;
}

type EventRow = { roomId: string; seq: number; body: string | null; hidden: boolean };

/**
 * History, as each event's JSON stands in the store: it is not parsed and encoded again on its way out, unless its
 * message was deleted.
 */
@Injectable()
export class MessagesRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly history: History,
  ) {}

  /**
   * Messages as they read now to `userId`, by seq, ascending: those before or after a seq, else the newest. `seq` is that
   * of the room's last event which they know of; `undefined` when there is no such room.
   */
  async messages(roomId: string, userId: string, query: MessagesQuery): Promise<MessagesNow | undefined> {
    const { before = maxSeq, after, limit } = query;
    const page =
      after === undefined
        ? sql`e.seq < ${Math.min(before, maxSeq)} order by e.seq desc`
        : sql`e.seq > ${Math.min(after, maxSeq)} order by e.seq`;
    // One statement, so one moment; the room's id by itself, so that only its partition is opened.
    const { rows } = await sql<ReadsNow & { roomId: string; head: number; seq: number | null }>`
      select r.id as "roomId", r.seq as head, page.* from rooms r
        left join lateral (select e.seq, ${readsNow('e', userId)} from events e
          where e.room_id = ${roomId} and e.seq >= r.kept_from and e.type = 'message' and ${page}
          limit ${limit}) page on true
      where r.id = ${roomId} order by page.seq`.execute(this.store);
    const [room] = rows;
    if (room === undefined) return undefined;
    const messages = await this.history.whole(rows.filter(({ seq }) => seq !== null));
    return { items: messages.map(nowAsJson), seq: room.head };
  }

  /** Whom a message mentioned when it was sent; nobody, once it is deleted. */
  async mentions(roomId: string, seq: number): Promise<string[]> {
    const { rows } = await sql<EventRow>`
      select e.room_id as "roomId", e.seq, e.body from rooms r join events e on e.seq >= r.kept_from
        left join hidden_events h on h.room_id = e.room_id and h.seq = e.seq
      where r.id = ${roomId} and e.room_id = ${roomId} and e.seq = ${seq} and h.seq is null`.execute(
      this.store,
    );
    const events = await this.history.whole(rows);
    return events.flatMap(({ body }) => (JSON.parse(body) as Message).mentions ?? []);
  }

  /**
   * Every event after `after`, dense, in order.
   * @throws CodedError `events_forgotten` when the first of them are not kept any more.
   */
  async events(roomId: string, after: number, limit: number): Promise<string[]> {
    if (after > maxSeq) return [];
    const { rows } = await sql<Omit<EventRow, 'seq'> & { seq: number | null; kept: boolean }>`
      select r.id as "roomId", r.kept_from - 1 <= ${after} as kept, e.* from rooms r
        left join lateral (select e.seq, e.body, h.seq is not null as hidden
          from events e left join hidden_events h using (room_id, seq)
          where e.room_id = ${roomId} and e.seq > ${after} and r.kept_from - 1 <= ${after}
          order by e.seq limit ${limit}) e on true
      where r.id = ${roomId} order by e.seq`.execute(this.store);
    if (rows[0]?.kept === false) throw new CodedError('events_forgotten');
    const events = await this.history.whole(
      rows.filter((row): row is EventRow & { kept: boolean } => row.seq !== null),
    );
    return events.map(givenOut);
  }

  /**
   * The same for many rooms in one statement, with each room's head at that moment. Of a room whose events are in an
   * archive that is away it gives none, as if they were still to come; of one where the first are not kept any more none either,
   * and `keptFrom` says so.
   */
  async eventsOfRooms({ rooms: asked }: EventsOfRooms): Promise<EventsOfRoom[]> {
    const { rows } = await sql<RoomRow>`
      select r.id as "roomId", r.seq as head, r.kept_from as "keptFrom", array_agg(e.seq order by e.seq) as seqs,
        array_agg(e.body order by e.seq) as bodies, array_agg(e.hidden order by e.seq) as hidden
      from unnest(${asked.map((r) => r.roomId)}::uuid[], ${asked.map((r) => r.after)}::int[], ${asked.map((r) => r.limit)}::int[])
          as q (room_id, after, page)
        join rooms r on r.id = q.room_id
        left join lateral (select e.seq, e.body, h.seq is not null as hidden
          from events e left join hidden_events h using (room_id, seq)
          where e.room_id = q.room_id and e.seq > q.after and q.after >= r.kept_from - 1
          order by e.seq limit q.page) e on true
      group by r.id, r.seq, r.kept_from, q.after`.execute(this.store);
    const events = await this.history.wholeRooms(rows.flatMap(eventsOf));
    const ofRoom = Map.groupBy(events, ({ roomId }) => roomId);
    return rows.map(({ roomId, head, keptFrom }) => ({
      ...{ roomId, head, ...(keptFrom > 1 && { keptFrom }) },
      events: (ofRoom.get(roomId) ?? []).map(givenOut),
    }));
  }
}

/** A room with its events; where there are none, with one `null` in each list. */
interface RoomRow {
  roomId: string;
  head: number;
  keptFrom: number;
  seqs: (number | null)[];
  bodies: (string | null)[];
  hidden: (boolean | null)[];
}

function eventsOf({ roomId, seqs, bodies, hidden }: RoomRow): EventRow[] {
  return seqs.flatMap((seq, at) =>
    seq === null ? [] : [{ roomId, seq, body: bodies[at] ?? null, hidden: hidden[at] === true }],
  );
}

const maxSeq = 2 ** 31 - 1;

/** An event's JSON as others may read it now: of a deleted message without its words. */
export const givenOut = ({ body, hidden }: { body: string; hidden: boolean }): string =>
  hidden ? JSON.stringify(withoutWords(JSON.parse(body) as RoomEvent)) : body;
