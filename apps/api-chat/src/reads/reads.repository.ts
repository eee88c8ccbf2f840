import { Inject, Injectable } from '@nestjs/common';
import type { ReadMark } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

/** Where a marker stands now, and whether this moved it. */
export interface Moved {
  roomId: string;
  userId: string;
  readSeq: number;
  moved: boolean;
}

@Injectable()
export class ReadsRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /**
   * Moves markers forward, never beyond the room's head, in one statement. Who is no member is left out of
   * the answer. Each (room, user) may be named once.
   */
  async move(marks: readonly ReadMark[]): Promise<Moved[]> {
    const { rows } = await sql<Moved>`
      with q as (select * from unnest(${marks.map((m) => m.roomId)}::uuid[], ${marks.map((m) => m.userId)}::uuid[],
          ${marks.map((m) => Math.min(m.seq, 2 ** 31 - 1))}::int[]) as q (room_id, user_id, seq)),
      moved as (
        update members m set read_seq = e.seq, read_no = e.message_no
        from q join rooms r on r.id = q.room_id
          -- One row by its key: joined, the planner would rather read from the old marker on.
          cross join lateral (select seq, message_no from events
            where room_id = r.id and seq = least(q.seq, r.seq) offset 0) e
        where m.room_id = q.room_id and m.user_id = q.user_id and m.left_seq is null and m.read_seq < e.seq
        returning m.room_id, m.user_id, m.read_seq)
      select m.room_id as "roomId", m.user_id as "userId", coalesce(moved.read_seq, m.read_seq) as "readSeq",
        moved.read_seq is not null as moved
      from q join members m using (room_id, user_id) left join moved using (room_id, user_id)
      where m.left_seq is null`.execute(this.store);
    return rows;
  }
}
