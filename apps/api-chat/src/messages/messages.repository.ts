import { Inject, Injectable } from '@nestjs/common';
import {
  type EventsOfRoom,
  type EventsOfRooms,
  type MessagesQuery,
  type RoomEvent,
  withoutWords,
} from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { readsNow } from './reads-now';

/**
 * History, as each event's JSON stands in the store: it is not parsed and encoded again on its way out, unless its
 * message was deleted.
 */
@Injectable()
export class MessagesRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** Messages as they read now to `userId`, by seq, ascending: those before or after a seq, else the newest. */
  async messages(roomId: string, userId: string, query: MessagesQuery): Promise<string[]> {
    const { before, after, limit } = query;
    const body = readsNow('e', userId);
    if (after !== undefined) {
      if (after > maxSeq) return [];
      const { rows } = await sql<{ body: string }>`
        select ${body} as body from events e where room_id = ${roomId} and type = 'message' and seq > ${after}
        order by seq limit ${limit}`.execute(this.store);
      return rows.map((row) => row.body);
    }
    const { rows } = await sql<{ body: string }>`
      select ${body} as body from events e where room_id = ${roomId} and type = 'message' and seq < ${Math.min(before ?? maxSeq, maxSeq)}
      order by seq desc limit ${limit}`.execute(this.store);
    return rows.map((row) => row.body).reverse();
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
