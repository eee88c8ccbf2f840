import { Inject, Injectable } from '@nestjs/common';
import {
  type BlockedUser,
  type Circle,
  type Friend,
  type FriendsQuery,
  type ListQuery,
  maxBlocksWatched,
  maxFriendsWatched,
} from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { type Page, readCursor, STORE, toPage } from '@maru/service-kit';

type Listed<T> = Omit<T, 'since'> & { since: Date; cursor: string };

/** What a user sees of his friends and blocks, the newest first. */
@Injectable()
export class FriendListsRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  async friends(userId: string, { state, limit, cursor }: FriendsQuery): Promise<Page<Friend>> {
    const [since, id] = readCursor(cursor, 'instant');
    const { rows } = await sql<Listed<Friend>>`
      select f.peer_id as "userId", u.name, u.status_message as "statusMessage", f.state, f.since,
        ${cursorOf('f.since', 'f.peer_id')} as cursor
      from friends f join users u on u.id = f.peer_id
      where f.user_id = ${userId} and (${state ?? null}::text is null or f.state = ${state ?? null})
        and (${since}::text is null or (f.since, f.peer_id) < (${since}::timestamp at time zone 'UTC', ${id}::uuid))
      order by f.since desc, f.peer_id desc limit ${limit + 1}`.execute(this.store);
    return toPage(rows, limit, (row) => ({
      userId: row.userId,
      name: row.name,
      statusMessage: row.statusMessage,
      state: row.state,
      since: row.since.toISOString(),
    }));
  }

  /** Whom each of these users knows. */
  async circles(userIds: readonly string[]): Promise<Circle[]> {
    const { rows } = await sql<Circle & { blockedBy: string[] }>`
      select q.user_id as "userId",
        array(select f.peer_id from friends f where f.user_id = q.user_id and f.state = 'friends'
          order by f.since desc limit ${maxFriendsWatched})::text[] as friends,
        array(select b.user_id from blocks b where b.blocked_id = q.user_id
          limit ${maxBlocksWatched + 1})::text[] as "blockedBy"
      from unnest(${[...new Set(userIds)]}::uuid[]) as q (user_id)`.execute(this.store);
    return rows.map((row) => ({
      ...row,
      blockedBy: row.blockedBy.length > maxBlocksWatched ? null : row.blockedBy,
    }));
  }

  async blocked(userId: string, { limit, cursor }: ListQuery): Promise<Page<BlockedUser>> {
    const [since, id] = readCursor(cursor, 'instant');
    const { rows } = await sql<Listed<BlockedUser>>`
      select b.blocked_id as "userId", u.name, b.since, ${cursorOf('b.since', 'b.blocked_id')} as cursor
      from blocks b join users u on u.id = b.blocked_id
      where b.user_id = ${userId}
        and (${since}::text is null or (b.since, b.blocked_id) < (${since}::timestamp at time zone 'UTC', ${id}::uuid))
      order by b.since desc, b.blocked_id desc limit ${limit + 1}`.execute(this.store);
    return toPage(rows, limit, (row) => ({
      userId: row.userId,
      name: row.name,
      since: row.since.toISOString(),
    }));
  }
}

const cursorOf = (since: string, id: string) =>
  sql`to_char(${sql.raw(since)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') || ' ' || ${sql.raw(id)}`;
