import type { MessageNow } from '@maru/contracts';
import { sql } from '@maru/postgres';

/** A message as it reads now to a user. */
export interface ReadsNow {
  /** Null where that is in the archive. */
  body: string | null;
  /** By `readsNow`, in the order in which each came first; null: there are none. */
  reactions: string | null;
}

/** SQL for the columns of `ReadsNow` of a message's event, named `e` in its query. */
export function readsNow(e: string, userId: string) {
  const [room, seq, body] = [sql.ref(`${e}.room_id`), sql.ref(`${e}.seq`), sql.ref(`${e}.body`)];
  return sql`
    coalesce((select n.body from messages_now n where n.room_id = ${room} and n.seq = ${seq}), ${body}) as body,
    (select string_agg(to_json(reaction) || ':{"count":' || count || ',"mine":' || mine || '}', ',' order by first)
      from (select reaction, count(*) as count, bool_or(user_id = ${userId}) as mine, min(added_seq) as first
        from reactions r where r.room_id = ${room} and r.seq = ${seq} group by reaction) counted) as reactions`;
}

/** JSON text of a message with its reactions. */
export const nowAsJson = ({ body, reactions }: { body: string; reactions: string | null }): string =>
  reactions === null ? body : `${body.slice(0, -1)},"reactions":{${reactions}}}`;

/** The message itself; null where there is none, or what it says cannot be reached. */
export const messageOf = ({ body, reactions }: ReadsNow): MessageNow | null =>
  body === null ? null : (JSON.parse(nowAsJson({ body, reactions })) as MessageNow);
