import { Inject, Injectable } from '@nestjs/common';
import type { MissedRoom } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { History, listMs } from '../archive/history';
import { happenedAt } from '../messages/happened-at';
import { messageOf, type ReadsNow, readsNow } from '../messages/reads-now';
import { online } from '../presence/presence.repository';

type MissedRow = Omit<MissedRoom, 'lastMessage'> & ReadsNow & { seq: number | null };

/** What came in a user's rooms within his absences. */
@Injectable()
export class MailboxRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly history: History,
  ) {}

  /**
   * Rooms in the order of what was missed first. Who was never connected has missed all since he was made a member.
   * Absences follow each other; where two overlap, the later one begins behind the earlier. While the archive is away,
   * last messages that are there are left out.
   */
  async of(userId: string): Promise<MissedRoom[]> {
    const rooms = await this.history.inAMoment(await this.missedOf(userId), listMs);
    return rooms.map(({ roomId, name, fromSeq, events, messages, ...last }) => ({
      ...{ roomId, name, fromSeq, events, messages },
      lastMessage: messageOf(last),
    }));
  }

  /** Each room beside its last missed message. */
  private async missedOf(userId: string): Promise<MissedRow[]> {
    const { rows } = await sql<MissedRow>`
      with away as (select id, after, up_to from absences where user_id = ${userId}
        union all select 0, '{}'::bigint[], null from (select ${userId}::uuid as id) u
          where not exists (select from absences where user_id = ${userId}) and not ${online('u.id')}),
      ranges as (select r.id as room_id, a.id,
          greatest(m.joined_seq, m.read_seq, seq_at(r.id, a.after)) as low,
          case when a.up_to is null then r.seq else seq_at(r.id, a.up_to) end as high
        from members m join rooms r on r.id = m.room_id and not r.deleted cross join away a
        where m.user_id = ${userId} and m.left_seq is null and r.seq > greatest(m.joined_seq, m.read_seq)),
      missed as (select room_id, high, greatest(low, max(high) over earlier) as low from ranges
        window earlier as (partition by room_id order by id rows between unbounded preceding and 1 preceding)),
      counted as (select x.room_id, min(x.low) + 1 as first, max(x.high) as last, sum(x.high - x.low)::int as events,
          sum(upto.message_no - coalesce(had.message_no, 0))::int as messages
        from missed x join events upto on upto.room_id = x.room_id and upto.seq = x.high
          left join events had on had.room_id = x.room_id and had.seq = x.low
        where x.high > x.low group by x.room_id)
      select c.room_id as "roomId", r.name, c.first as "fromSeq", c.events, c.messages, newest.*
      from counted c join rooms r on r.id = c.room_id
        join events oldest on oldest.room_id = c.room_id and oldest.seq = c.first
        left join lateral (select e.seq, ${readsNow('e', userId)} from events e
          where c.messages > 0 and e.room_id = c.room_id and e.type = 'message' and e.seq between c.first and c.last
            and e.seq >= r.kept_from
            and exists (select from missed x where x.room_id = e.room_id and e.seq > x.low and e.seq <= x.high)
          order by e.seq desc limit 1) newest on true
      order by ${happenedAt('oldest')}, c.room_id`.execute(this.store);
    return rows;
  }

  /** An absence that goes on is kept; of those that are over, a month's. Beyond the newest 50 they run together. */
  async forgetOld(): Promise<void> {
    await sql`delete from absences where up_to is not null and at < now() - interval '30 days'`.execute(
      this.store,
    );
    await sql`
      with ranked as (select user_id, id, after, row_number() over (partition by user_id order by id desc) as n
        from absences where up_to is not null),
      first as (select distinct on (user_id) user_id, after from ranked where n > 50 order by user_id, id),
      joined as (update absences a set after = first.after from ranked r join first using (user_id)
        where r.n = 50 and a.user_id = r.user_id and a.id = r.id)
      delete from absences a using ranked r where r.n > 50 and a.user_id = r.user_id and a.id = r.id`.execute(
      this.store,
    );
  }
}
