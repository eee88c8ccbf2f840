import { Inject, Injectable } from '@nestjs/common';
import {
  type EventsOfRoom,
  type EventsOfRooms,
  type Message,
  type MessagesQuery,
  type RoomEvent,
  withoutWords,
} from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { readsNow } from './reads-now';

export interface MessagesNow {
  items: string[];
  seq: number;
}

/**
 * History, as each event's JSON stands in the store: it is not parsed and encoded again on its way out, unless its
 * message was deleted.
 */
@Injectable()
export class MessagesRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

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
    // One statement, so one moment.
    const { rows } = await sql<MessagesNow>`
      select r.seq, array(
        select body from (
          select e.seq, ${readsNow('e', userId)} as body from events e
          where e.room_id = r.id and e.type = 'message' and ${page} limit ${limit}
        ) page order by seq) as items
      from rooms r where r.id = ${roomId}`.execute(this.store);
    return rows[0];
  }

  /** Whom a message mentioned when it was sent; nobody, once it is deleted. */
  async mentions(roomId: string, seq: number): Promise<string[]> {
    const { rows } = await sql<{ body: string }>`
      select e.body from events e left join hidden_events h using (room_id, seq)
      where e.room_id = ${roomId} and e.seq = ${seq} and h.seq is null`.execute(this.store);
    return rows.flatMap(({ body }) => (JSON.parse(body) as Message).mentions ?? []);
  }

  /** Every event after `after`, dense, in order. */
  async events(roomId: string, after: number, limit: number): Promise<string[]> {
    if (after > maxSeq) return [];
    const { rows } = await sql<{ body: string; hidden: boolean }>`
      select e.body, h.seq is not null as hidden from events e left join hidden_events h using (room_id, seq)
      where e.room_id = ${roomId} and e.seq > ${after} order by e.seq limit ${limit}`.execute(this.store);
    return rows.map((row) => givenOut(row.body, row.hidden));
  }

  /** The same for many rooms in one statement, with each room's head at that moment. */
  async eventsOfRooms({ rooms }: EventsOfRooms): Promise<EventsOfRoom[]> {
    const { rows } = await sql<EventsOfRoom & { hidden: boolean[] }>`
      select r.id as "roomId", r.seq as head, coalesce(array_agg(e.body order by e.seq) filter (where e.body is not null), '{}') as events,
        coalesce(array_agg(e.hidden order by e.seq) filter (where e.body is not null), '{}') as hidden
      from unnest(${rooms.map((r) => r.roomId)}::uuid[], ${rooms.map((r) => r.after)}::int[], ${rooms.map((r) => r.limit)}::int[])
          as q (room_id, after, page)
        join rooms r on r.id = q.room_id
        left join lateral (select e.seq, e.body, h.seq is not null as hidden
          from events e left join hidden_events h using (room_id, seq)
          where e.room_id = q.room_id and e.seq > q.after order by e.seq limit q.page) e on true
      group by r.id, r.seq, q.after`.execute(this.store);
    return rows.map(({ hidden, events, ...room }) => ({
      ...room,
      events: events.map((body, at) => givenOut(body, hidden[at] === true)),
    }));
  }
}

const maxSeq = 2 ** 31 - 1;

const givenOut = (body: string, hidden: boolean): string =>
  hidden ? JSON.stringify(withoutWords(JSON.parse(body) as RoomEvent)) : body;
