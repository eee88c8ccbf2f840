import { Inject, Injectable } from '@nestjs/common';
import { type Message, notifiedForMs, notifiedRoomMembers } from '@maru/contracts';
import type { Trace } from '@maru/kafka-client';
import { type Kysely, sql, type Transaction } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { History } from '../archive/history';
import { happenedAt } from '../messages/happened-at';
import { online } from '../presence/presence.repository';

/** A message, and whom it mentions. */
export interface Heard {
  message: Message;
  mentions: readonly string[];
  /** Of a message that is traced, and was just sent. */
  trace?: Trace | undefined;
}

/** Somebody who is to be told of a message. */
export interface Requested {
  userId: string;
  roomId: string;
  seq: number;
  roomName: string;
  unread: number;
}

/** Kept for longer than any message may come again and still be notified. */
const keptMs = 2 * notifiedForMs;

/** Whether it is a quiet hour of `m.user_id`, where he is. */
const quiet = sql.raw(`
  exists (select from quiet_hours h, lateral (select (now() at time zone h.zone)::time as now) there
    where h.user_id = m.user_id and case when h.starts < h.ends then there.now >= h.starts and there.now < h.ends
      else there.now >= h.starts or there.now < h.ends end)`);

/** Who is to be told of messages, each of each once. */
@Injectable()
export class NotificationsRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly history: History,
  ) {}

  /** What `work` does with the transaction counts only when it resolves. */
  inTransaction<T>(work: (trx: Transaction<never>) => Promise<T>): Promise<T> {
    return this.store.transaction().execute(work);
  }

  /**
   * Members who have no connection, have not read the message, have not muted the room, have no quiet hour, and were not told before:
   * all of a small room, else whom it mentions. Nobody of a message that was deleted. `only`: nobody but this user.
   */
  async request(trx: Transaction<never>, heard: readonly Heard[], only?: string): Promise<Requested[]> {
    const messages = heard.map(({ message }) => message);
    const named = heard.flatMap(({ message: { roomId, seq }, mentions }) =>
      mentions.map((userId) => ({ roomId, seq, userId })),
    );
    const { rows } = await sql<Requested>`
      with q as (select * from unnest(${messages.map((one) => one.roomId)}::uuid[], ${messages.map((one) => one.seq)}::int[],
          ${messages.map((one) => one.senderId)}::uuid[], ${messages.map((one) => one.messageNo)}::int[])
          as q (room_id, seq, sender_id, message_no)),
      named as (select * from unnest(${named.map((one) => one.roomId)}::uuid[], ${named.map((one) => one.seq)}::int[],
          ${named.map((one) => one.userId)}::uuid[]) as named (room_id, seq, user_id)),
      small as materialized (select room_id from (select distinct room_id from q) rooms
        where (select count(*) from (select from members m where m.room_id = rooms.room_id and m.left_seq is null
          limit ${notifiedRoomMembers + 1}) first) <= ${notifiedRoomMembers}),
      -- Few are away at a time: they are found once a room, not once a message.
      near as (select m.* from members m join small using (room_id)
        union select m.* from members m join named using (room_id, user_id)),
      away as materialized (select m.room_id, m.user_id, m.joined_seq, m.read_seq, m.read_no from near m
        where m.left_seq is null and (${only ?? null}::uuid is null or m.user_id = ${only ?? null})
          and not ${online('m.user_id')}
          and not exists (select from mutes x where x.user_id = m.user_id and x.room_id = m.room_id
            and (x.until is null or x.until > now()))
          and not ${quiet}),
      put as (insert into notified (user_id, room_id, seq)
        select away.user_id, q.room_id, q.seq from q join away using (room_id)
        where away.joined_seq < q.seq and away.read_seq < q.seq and away.user_id <> q.sender_id
          and not exists (select from hidden_events h where h.room_id = q.room_id and h.seq = q.seq)
          and (q.room_id in (select room_id from small)
            or (q.room_id, q.seq, away.user_id) in (select room_id, seq, user_id from named))
        order by 1, 2, 3 on conflict do nothing returning user_id, room_id, seq)
      select put.user_id as "userId", put.room_id as "roomId", put.seq, r.name as "roomName",
        q.message_no - away.read_no as unread
      from put join q using (room_id, seq) join away using (room_id, user_id) join rooms r on r.id = put.room_id
      order by put.room_id, put.seq`.execute(trx);
    return rows;
  }

  /** Somebody of whom it became known late that he has no connection, locked; nobody else sees to him meanwhile. */
  async unswept(trx: Transaction<never>): Promise<{ userId: string; messages: string[] } | undefined> {
    const { rows } = await sql<{ userId: string; after: string[] }>`
      update absences a set swept = true from (select user_id, id from absences where not swept
        order by id limit 1 for update skip locked) one
      where a.user_id = one.user_id and a.id = one.id
      returning a.user_id as "userId", a.after`.execute(trx);
    const [one] = rows;
    if (one === undefined) return undefined;
    return { userId: one.userId, messages: await this.missed(trx, one.userId, one.after) };
  }

  /** Messages of the last minutes that came in his rooms after the place, as JSON. */
  private async missed(trx: Transaction<never>, userId: string, after: readonly string[]): Promise<string[]> {
    const since = new Date(Date.now() - notifiedForMs);
    const { rows } = await sql<{ roomId: string; seq: number; body: string | null }>`
      select e.room_id as "roomId", e.seq, coalesce(n.body, e.body) as body from members m
        join rooms r on r.id = m.room_id and not r.deleted and r.active_at > ${since}
        cross join lateral (select greatest(m.joined_seq, m.read_seq,
          seq_at(r.id, ${after}::bigint[])) as seq offset 0) had
        -- Read from there on: joined, the planner would rather read the whole room.
        cross join lateral (select room_id, seq, body, created_at from events
          where room_id = r.id and seq > had.seq and seq >= r.kept_from and type = 'message' order by seq limit 1000) e
        left join messages_now n on n.room_id = e.room_id and n.seq = e.seq
      where m.user_id = ${userId} and m.left_seq is null and ${happenedAt('e')} > ${since}
      order by e.room_id, e.seq limit 1000`.execute(trx);
    const messages = await this.history.whole(rows);
    return messages.map(({ body }) => body);
  }

  async forgetOld(): Promise<void> {
    await sql`delete from notified where at < now() - ${keptMs} * interval '1 millisecond'`.execute(
      this.store,
    );
  }
}
