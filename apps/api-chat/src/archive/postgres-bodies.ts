import { type Kysely, sql } from '@maru/postgres';
import { happenedAt } from '../messages/happened-at';
import type { EventBodies, EventBody, EventPlace, SeqRange } from './event-bodies';

/** In the events' own rows. An event that was never committed has no row, and nothing is kept of it. */
export class PostgresBodies implements EventBodies {
  constructor(private readonly store: Kysely<never>) {}

  async put(bodies: readonly EventBody[]): Promise<void> {
    await sql`
      update events e set body = n.body
      from unnest(${bodies.map((one) => one.roomId)}::uuid[], ${bodies.map((one) => one.seq)}::int[],
        ${bodies.map((one) => one.body)}::text[]) as n (room_id, seq, body)
      where e.room_id = n.room_id and e.seq = n.seq and e.body is null`.execute(this.store);
  }

  async get(places: readonly EventPlace[]): Promise<EventBody[]> {
    const { rows } = await sql<EventBody>`
      select e.room_id as "roomId", e.seq, e.body
      from unnest(${places.map((one) => one.roomId)}::uuid[], ${places.map((one) => one.seq)}::int[]) as q (room_id, seq)
        join events e using (room_id, seq) where e.body is not null`.execute(this.store);
    return rows;
  }

  /** What statements ask of a row whose body is gone stays in it: when it happened, and who left. */
  async drop(roomId: string, { after, upTo }: SeqRange): Promise<void> {
    await sql`
      update events e set body = null, created_at = ${happenedAt('e')},
        sender_id = case when type = 'memberLeft' then (body::json ->> 'userId')::uuid else sender_id end
      where room_id = ${roomId} and seq > ${after} and seq <= ${upTo} and body is not null`.execute(
      this.store,
    );
  }
}
