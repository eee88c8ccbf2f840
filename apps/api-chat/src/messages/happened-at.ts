import { sql } from '@maru/postgres';

/** SQL for the time of an event, named `e` in its query: of its body, or of its row when the body is in the archive. */
export function happenedAt(e: string) {
  const [at, body] = [sql.ref(`${e}.created_at`), sql.ref(`${e}.body`)];
  return sql<Date>`coalesce(${at}, (${body}::json ->> 'createdAt')::timestamptz)`;
}
