import { Inject, Injectable } from '@nestjs/common';
import {
  type GatewayAlive,
  type PresenceOfUser,
  presenceGraceMs,
  type RoomPresence,
  smallRoomMembers,
  type UserPresence,
} from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

/** Where the writers are: by partition, the commands below are decided. */
export const heads = sql.raw(`
  (select coalesce(array_agg(coalesce(p.next_offset, 0) order by n), '{}')
    from generate_series(0, (select partitions - 1 from topology)) n left join partitions p on p.partition = n)`);

/** Whether `who` has a connection at a gateway that lives. */
export const online = (who: string) =>
  sql.raw(`exists (select from connected c join gateways g on g.id = c.gateway_id where c.user_id = ${who})`);

/** Of a row of `last_seen`: whether he has gone so lately that he may be back. By the gateway's clock, unless that is fast. */
const justGone = (row: string) =>
  sql.raw(`${row}.gone_at > now() - interval '${presenceGraceMs} milliseconds'`);

/**
 * Who is connected where, as `presence` tells, and the absences: from where to where a user had no connection, as
 * offsets by partition of `chat.commands`. Every call may come again and changes nothing then.
 */
@Injectable()
export class PresenceRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  async alive({ gatewayId, given }: GatewayAlive): Promise<void> {
    await sql`
      insert into gateways (id, given) values (${gatewayId}, ${given}::bigint[])
      on conflict (id) do update set given = excluded.given, seen_at = now()`.execute(this.store);
  }

  /** Each user once. The absence of who had no connection anywhere ends where the writers are now. */
  async came(users: readonly UserPresence[]): Promise<void> {
    await sql`
      with q as (select * from unnest(${users.map((one) => one.userId)}::uuid[], ${users.map((one) => one.gatewayId)}::uuid[],
          ${users.map((one) => one.away === true)}::boolean[]) as q (user_id, gateway_id, away)),
      now as (select ${heads} as heads),
      put as (insert into connected (user_id, gateway_id, since, away) select q.user_id, q.gateway_id, now.heads, q.away
        from q, now order by 1 on conflict do nothing returning user_id),
      changed as (update connected c set away = q.away from q
        where c.user_id = q.user_id and c.gateway_id = q.gateway_id and c.away <> q.away),
      first as (select user_id from put where not ${online('put.user_id')}),
      ended as (update absences a set up_to = now.heads from first, now
        where a.user_id = first.user_id and a.up_to is null returning a.user_id)
      -- Who has never been here has missed all since he was made a member.
      insert into absences (user_id, after, up_to, swept)
      select first.user_id, '{}', now.heads, true from first, now
      where not exists (select from absences a where a.user_id = first.user_id and a.up_to is null)`.execute(
      this.store,
    );
  }

  /** Each user once. Who has no connection anywhere is absent from what his last one was given. */
  async went(users: readonly UserPresence[]): Promise<void> {
    await sql`
      with q as (select * from unnest(${users.map((one) => one.userId)}::uuid[], ${users.map((one) => one.gatewayId)}::uuid[],
          ${users.map((one) => `{${one.given.join(',')}}`)}::text[], ${users.map((one) => one.at)}::timestamptz[])
          as q (user_id, gateway_id, given, at)),
      gone as (delete from connected c using q where c.user_id = q.user_id and c.gateway_id = q.gateway_id
        returning q.user_id, q.given, q.gateway_id, c.away),
      seen as (insert into last_seen as l (user_id, at, away, gone_at)
        select user_id, q.at, gone.away, case when gone.away is not null then least(q.at, now()) end from q left join gone using (user_id) order by 1
        on conflict (user_id) do update set at = greatest(l.at, excluded.at),
          away = coalesce(excluded.away, l.away),
          gone_at = coalesce(excluded.gone_at, l.gone_at))
      insert into absences (user_id, after)
      select user_id, given::bigint[] from gone
      where not exists (select from connected c join gateways g on g.id = c.gateway_id
        where c.user_id = gone.user_id and c.gateway_id <> gone.gateway_id)
      order by 1 on conflict (user_id) where up_to is null do nothing`.execute(this.store);
  }

  /**
   * The gateway is gone, with the connections of all who were there: they are absent from what it last told to have
   * given, up to where they came to another one. `silentMs`: only if it has not been heard of for so long.
   */
  async ended(gatewayId: string, silentMs: number): Promise<void> {
    await sql`
      with ended as (delete from gateways where id = ${gatewayId}
        and seen_at <= now() - ${silentMs} * interval '1 millisecond' returning id, given, seen_at),
      gone as (delete from connected c using ended where c.gateway_id = ended.id
        returning c.user_id, c.away, ended.given, ended.seen_at),
      seen as (insert into last_seen as l (user_id, at, away, gone_at)
        select user_id, seen_at, away, least(seen_at, now()) from gone order by 1
        on conflict (user_id) do update set at = greatest(l.at, excluded.at), away = excluded.away, gone_at = excluded.gone_at),
      left_by as (select gone.user_id, gone.given, (select c.since from connected c join gateways g on g.id = c.gateway_id
          where c.user_id = gone.user_id and g.id <> ${gatewayId} order by c.at limit 1) as since from gone)
      insert into absences (user_id, after, up_to, swept)
      select user_id, given, since, since is not null from left_by
      where since is null or exists (select from unnest(given, since) as x (a, b) where coalesce(a, 0) < b)
      order by 1 on conflict (user_id) where up_to is null do nothing`.execute(this.store);
  }

  /**
   * How each of these users is now. Who has just gone is as he was, as others are told of him: one who is back within
   * presenceGraceMs has never been away, and nothing would set right what somebody read meanwhile.
   */
  async statesOf(userIds: readonly string[]): Promise<PresenceOfUser[]> {
    const { rows } = await sql<{ userId: string; here: boolean | null; lastSeen: Date | null }>`
      select q.user_id as "userId", l.at as "lastSeen",
        coalesce((select bool_or(not c.away) from connected c join gateways g on g.id = c.gateway_id
          where c.user_id = q.user_id), case when ${justGone('l')} then not l.away end) as here
      from unnest(${[...new Set(userIds)]}::uuid[]) as q (user_id)
        left join last_seen l on l.user_id = q.user_id`.execute(this.store);
    return rows.map(({ userId, here, lastSeen }) => ({
      userId,
      state: here === null ? 'offline' : here ? 'online' : 'away',
      lastSeen: lastSeen?.toISOString() ?? null,
    }));
  }

  /** Who of a room is there; of a small one by name, as `statesOf` has them, but for those who have blocked who asks. */
  async ofRoom(roomId: string, askerId: string): Promise<RoomPresence> {
    const { rows } = await sql<Omit<RoomPresence, 'items'> & { items: RoomPresence['items'] | null }>`
      with m as materialized (select user_id from members where room_id = ${roomId} and left_seq is null),
      size as (select count(*)::int as members from m),
      there as (
        select c.user_id, bool_or(not c.away) as here
        from m join connected c on c.user_id = m.user_id join gateways g on g.id = c.gateway_id group by c.user_id),
      gone as (
        select l.user_id, not l.away as here from m join last_seen l on l.user_id = m.user_id
        where (select members from size) <= ${smallRoomMembers} and ${justGone('l')}
          and not exists (select from there where there.user_id = l.user_id)),
      present as (
        select * from (select * from there union all select * from gone) p
        where (select members from size) > ${smallRoomMembers} or not exists (select from blocks b
          where b.user_id = p.user_id and b.blocked_id = ${askerId} and b.active))
      select members, count(*) filter (where here)::int as online, count(*) filter (where not here)::int as away,
        case when members <= ${smallRoomMembers} then coalesce(json_agg(json_build_object('userId', user_id,
          'state', case when here then 'online' else 'away' end) order by user_id) filter (where user_id is not null), '[]')
        end as items
      from size left join present on true group by members`.execute(this.store);
    const { items, ...counts } = rows[0] ?? { members: 0, online: 0, away: 0, items: [] };
    return { ...counts, ...(items && { items }) };
  }

  async isOnline(userId: string): Promise<boolean> {
    const { rows } = await sql<{ yes: boolean }>`
      select ${online('u.id')} as yes from (select ${userId}::uuid as id) u`.execute(this.store);
    return rows[0]?.yes === true;
  }

  /** Gateways that are not known to have ended. */
  async gateways(): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`select id from gateways`.execute(this.store);
    return rows.map(({ id }) => id);
  }

  /** Of a user who was deleted. */
  async forget(userId: string): Promise<void> {
    await sql`delete from connected where user_id = ${userId}`.execute(this.store);
    await sql`delete from absences where user_id = ${userId}`.execute(this.store);
    await sql`delete from last_seen where user_id = ${userId}`.execute(this.store);
  }
}
