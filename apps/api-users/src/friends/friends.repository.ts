import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type FriendState } from '@maru/contracts';
import { type Kysely, sql, type Transaction } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { type Deed, type DeedType, UserEvents } from '../users/user-events';
import { type Decision, endOf, type Standing } from './standing';

/** What users do with each other: friends and blocks. It is told in the transaction in which it is done. */
@Injectable()
export class FriendsRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly events: UserEvents,
  ) {}

  /**
   * Does what `decide` makes of how the user stands to the others: meanwhile nobody changes anything between them,
   * as that takes the locks of both.
   * @throws CodedError `user_not_found` when he himself is not there, and what `decide` throws.
   */
  change<T>(
    userId: string,
    otherIds: readonly string[],
    decide: (standing: Standing) => Decision<T>,
  ): Promise<T> {
    return this.store.transaction().execute(async (trx) => {
      const active = await lockUsers(trx, [userId, ...otherIds]);
      if (!active.has(userId)) throw new CodedError('user_not_found');
      const { deeds, answer } = decide({ active, ...(await standingOf(trx, userId, otherIds)) });
      if (deeds.length > 0) await this.do(trx, userId, deeds);
      return answer;
    });
  }

  /** For the end of an account: nothing is left between him and others. His row is locked by `trx` from here on. */
  async endAll(trx: Transaction<never>, userId: string): Promise<void> {
    await lockUsers(trx, [userId]);
    const { rows } = await sql<{ userId: string; peerId: string; state: FriendState }>`
      with peers as (select peer_id as id from friends where user_id = ${userId}),
        his as (
          -- Two accounts that end at once lock the rows between them in the same order.
          select user_id, peer_id from friends
          where (user_id = ${userId} and peer_id in (select id from peers))
            or (peer_id = ${userId} and user_id in (select id from peers))
          order by user_id, peer_id for update)
      delete from friends f using his where f.user_id = his.user_id and f.peer_id = his.peer_id
      returning f.user_id as "userId", f.peer_id as "peerId", f.state`.execute(trx);
    await sql`
      with his as (
        select user_id, blocked_id from blocks where user_id = ${userId} or blocked_id = ${userId}
        order by user_id, blocked_id for update)
      delete from blocks b using his where b.user_id = his.user_id and b.blocked_id = his.blocked_id`.execute(
      trx,
    );
    const ended = rows.filter((row) => row.userId === userId);
    await this.events.tellDeeds(
      trx,
      userId,
      ended.flatMap(({ peerId, state }) => endOf(peerId, state)),
    );
  }

  private async do(trx: Transaction<never>, userId: string, deeds: readonly Deed[]): Promise<void> {
    const of = (...types: DeedType[]) =>
      deeds.filter(({ type }) => types.includes(type)).map(({ otherId }) => otherId);
    const [asked, accepted] = [of('friend.requested'), of('friend.accepted')];
    const [ended, blocked] = [of('friend.declined', 'friend.removed'), of('user.blocked')];
    const unblocked = of('user.unblocked');
    if (asked.length > 0) await put(trx, userId, asked, { own: 'outgoing', others: 'incoming' });
    if (accepted.length > 0) await put(trx, userId, accepted, { own: 'friends', others: 'friends' });
    if (ended.length > 0)
      await sql`delete from friends where (user_id = ${userId} and peer_id = any(${ended}::uuid[]))
        or (peer_id = ${userId} and user_id = any(${ended}::uuid[]))`.execute(trx);
    if (blocked.length > 0)
      await sql`insert into blocks (user_id, blocked_id, since)
        select ${userId}::uuid, id, ${now} from unnest(${blocked}::uuid[]) as b (id)`.execute(trx);
    if (unblocked.length > 0)
      await sql`delete from blocks where user_id = ${userId} and blocked_id = any(${unblocked}::uuid[])`.execute(
        trx,
      );
    await this.events.tellDeeds(trx, userId, deeds);
  }
}

/** To the millisecond, as a cursor has it. */
const now = sql`date_trunc('milliseconds', clock_timestamp())`;

/** Locks those who are active, in the order of their ids, so that nobody waits in a ring. */
async function lockUsers(trx: Transaction<never>, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from users where id = any(${[...ids]}::uuid[]) and state = 'active' and kind = 'user'
    order by id for no key update`.execute(trx);
  return new Set(rows.map(({ id }) => id));
}

async function standingOf(
  trx: Transaction<never>,
  userId: string,
  otherIds: readonly string[],
): Promise<Omit<Standing, 'active'>> {
  const others = [...otherIds];
  const [friends, blocks] = await Promise.all([
    sql<{ id: string; state: FriendState }>`
      select peer_id as id, state from friends
      where user_id = ${userId} and peer_id = any(${others}::uuid[])`.execute(trx),
    sql<{ userId: string; blockedId: string }>`
      select user_id as "userId", blocked_id as "blockedId" from blocks
      where (user_id = ${userId} and blocked_id = any(${others}::uuid[]))
        or (blocked_id = ${userId} and user_id = any(${others}::uuid[]))`.execute(trx),
  ]);
  const own = blocks.rows.filter((row) => row.userId === userId);
  const theirs = blocks.rows.filter((row) => row.userId !== userId);
  return {
    friends: new Map(friends.rows.map(({ id, state }) => [id, state])),
    blocked: new Set(own.map(({ blockedId }) => blockedId)),
    blockedBy: new Set(theirs.map((row) => row.userId)),
  };
}

async function put(
  trx: Transaction<never>,
  userId: string,
  otherIds: readonly string[],
  state: { own: FriendState; others: FriendState },
): Promise<void> {
  await sql`
    with t as materialized (select ${now} as since)
    insert into friends (user_id, peer_id, state, since)
    select r.user_id, r.peer_id, r.state, t.since
    from t, unnest(${[...otherIds]}::uuid[]) as o (id),
      lateral (values (${userId}::uuid, o.id, ${state.own}), (o.id, ${userId}::uuid, ${state.others}))
        as r (user_id, peer_id, state)
    on conflict (user_id, peer_id) do update set state = excluded.state, since = excluded.since`.execute(trx);
}
