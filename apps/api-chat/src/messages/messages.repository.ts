import { Inject, Injectable } from '@nestjs/common';
import type { EventsOfRoom, EventsOfRooms, MessagesQuery } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

/** History, as each event's JSON stands in the store: it is never parsed and encoded again on its way out. */
@Injectable()
export class MessagesRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** Messages by seq, ascending: those before or after a seq, else the newest. */
  async messages(roomId: string, { before, after, limit }: MessagesQuery): Promise<string[]> {
    if (after !== undefined) {
      if (after > maxSeq) return [];
      const { rows } = await sql<{ body: string }>`
        select body from events where room_id = ${roomId} and type = 'message' and seq > ${after}
        order by seq limit ${limit}`.execute(this.store);
      return rows.map((row) => row.body);
    }
    const { rows } = await sql<{ body: string }>`
      select body from events where room_id = ${roomId} and type = 'message' and seq < ${Math.min(before ?? maxSeq, maxSeq)}
      order by seq desc limit ${limit}`.execute(this.store);
    return rows.map((row) => row.body).reverse();
  }

  /** Every event after `after`, dense, in order. */
  async events(roomId: string, after: number, limit: number): Promise<string[]> {
    if (after > maxSeq) return [];
    const { rows } = await sql<{ body: string }>`
      select body from events where room_id = ${roomId} and seq > ${after} order by seq limit ${limit}`.execute(
      this.store,
    );
    return rows.map((row) => row.body);
  }

  /** The same for many rooms in one statement, with each room's head at that moment. */
  async eventsOfRooms({ rooms }: EventsOfRooms): Promise<EventsOfRoom[]> {
    const { rows } = await sql<EventsOfRoom>`
      select r.id as "roomId", r.seq as head, coalesce(array_agg(e.body order by e.seq) filter (where e.body is not null), '{}') as events
      from unnest(${rooms.map((r) => r.roomId)}::uuid[], ${rooms.map((r) => r.after)}::int[], ${rooms.map((r) => r.limit)}::int[])
          as q (room_id, after, page)
        join rooms r on r.id = q.room_id
        left join lateral (select seq, body from events where room_id = q.room_id and seq > q.after
          order by seq limit q.page) e on true
      group by r.id, r.seq, q.after`.execute(this.store);
    return rows;
  }
}

const maxSeq = 2 ** 31 - 1;
