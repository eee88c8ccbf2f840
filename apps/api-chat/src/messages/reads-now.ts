import { sql } from '@maru/postgres';

/**
 * SQL for the message of an event, named `e` in its query, as it reads now to a user: JSON text, with its reactions in
 * the order in which each came first.
 */
export function readsNow(e: string, userId: string) {
  const [room, seq, body] = [sql.ref(`${e}.room_id`), sql.ref(`${e}.seq`), sql.ref(`${e}.body`)];
  return sql<string>`(
    select case when reactions is null then now else left(now, -1) || ',"reactions":{' || reactions || '}}' end
    from (select
      coalesce((select n.body from messages_now n where n.room_id = ${room} and n.seq = ${seq}), ${body}) as now,
      (select string_agg(to_json(reaction) || ':{"count":' || count || ',"mine":' || mine || '}', ',' order by first)
        from (select reaction, count(*) as count, bool_or(user_id = ${userId}) as mine, min(added_seq) as first
          from reactions r where r.room_id = ${room} and r.seq = ${seq} group by reaction) counted) as reactions
    ) reads)`;
}
