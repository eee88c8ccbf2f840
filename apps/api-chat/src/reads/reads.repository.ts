import { setTimeout as delay } from 'node:timers/promises';
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

/** A statement of the writer's takes about so long. */
const againMs = 5;

export const keyOf = ({ roomId, userId }: { roomId: string; userId: string }): string =>
  `${roomId}/${userId}`;

@Injectable()
export class ReadsRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /**
   * Moves markers forward, never beyond the room's head, in one statement as long as nobody else is at the same rows. Who
   * is no member is left out of the answer. Each (room, user) may be named once.
   */
  async move(marks: readonly ReadMark[]): Promise<Moved[]> {
    const moved: Moved[] = [];
    for (let left = marks; ; await delay(againMs)) {
      const rows = await this.moveFree(left);
      for (const { busy, ...row } of rows) if (!busy) moved.push(row);
      const busy = new Set(rows.filter((row) => row.busy).map(keyOf));
      if (busy.size === 0) return moved;
      left = left.filter((mark) => busy.has(keyOf(mark)));
    }
  }

  /**
   * The writer's statement changes rows of many members too, in an order of its own: whoever waited for it here with rows
   * in hand that it wants next would have one of the two ended. So nothing waits here; what is `busy` has not been moved.
   */
  private async moveFree(marks: readonly ReadMark[]): Promise<(Moved & { busy: boolean })[]> {
    const { rows } = await sql<Moved & { busy: boolean }>`
      with q as (select * from unnest(${marks.map((m) => m.roomId)}::uuid[], ${marks.map((m) => m.userId)}::uuid[],
          ${marks.map((m) => Math.min(m.seq, 2 ** 31 - 1))}::int[]) as q (room_id, user_id, seq)),
      wanted as materialized (
        select m.room_id, m.user_id, e.seq, e.message_no
        from q join members m using (room_id, user_id) join rooms r on r.id = q.room_id
          -- One row by its key: joined, the planner would rather read from the old marker on.
          cross join lateral (select seq, message_no from events
            where room_id = r.id and seq = least(q.seq, r.seq) offset 0) e
        where m.left_seq is null and m.read_seq < e.seq),
      free as materialized (
        select room_id, user_id, w.seq, w.message_no from wanted w join members m using (room_id, user_id)
        where m.left_seq is null and m.read_seq < w.seq
        for no key update of m skip locked),
      moved as (
        update members m set read_seq = free.seq, read_no = free.message_no
        from free where m.room_id = free.room_id and m.user_id = free.user_id
        returning m.room_id, m.user_id, m.read_seq)
      select m.room_id as "roomId", m.user_id as "userId", coalesce(moved.read_seq, m.read_seq) as "readSeq",
        moved.read_seq is not null as moved, wanted.seq is not null and moved.read_seq is null as busy
      from q join members m using (room_id, user_id) left join wanted using (room_id, user_id)
        left join moved using (room_id, user_id)
      where m.left_seq is null`.execute(this.store);
    return rows;
  }
}
