import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from '@maru/postgres';
import { freshStore } from '../testing/fresh-store';
import { until } from '../testing/until';
import { ReadsRepository } from './reads.repository';

describe('read markers', () => {
  let store: Kysely<never>;
  let reads: ReadsRepository;
  const roomId = randomUUID();
  const head = 5;
  const users = Array.from({ length: 4 }, () => randomUUID());
  const [ann = '', bob = ''] = users;
  const mark = (userId: string, seq: number) => ({ roomId, userId, seq });

  beforeAll(async () => {
    store = await freshStore({ poolSize: 3, statementTimeoutMs: 20_000 });
    reads = new ReadsRepository(store);
    await sql`
      insert into rooms (id, kind, name, owner_id, seq, message_no, created_at, create_hash, last_message_seq, active_at)
      values (${roomId}, 'public', 'Room', ${ann}::uuid, ${head}, ${head}, now(), '', ${head}, now())`.execute(
      store,
    );
    await sql`
      insert into events (room_id, seq, message_no, type, body, partition, command_offset)
      select ${roomId}::uuid, n, n, 'roomUpdated', '{}', 0, n from generate_series(1, ${head}::int) n`.execute(
      store,
    );
  });
  beforeEach(async () => {
    await sql`delete from members`.execute(store);
    await sql`
      insert into members (room_id, user_id, joined_seq, read_seq, read_no)
      select ${roomId}::uuid, u, 1, 1, 1 from unnest(${users}::uuid[]) u`.execute(store);
  });
  afterAll(() => store.destroy());

  const move = async (...marks: ReturnType<typeof mark>[]) =>
    Object.fromEntries(
      (await reads.move(marks)).map(({ userId, readSeq, moved }) => [userId, [readSeq, moved]]),
    );

  it('move forward only, to the head at most, and only those of members', async () => {
    const moved = { [ann]: [3, true], [bob]: [head, true] };
    expect(await move(mark(ann, 3), mark(bob, 99), mark(randomUUID(), 3))).toEqual(moved);
    const stayed = { [ann]: [3, false], [bob]: [head, false] };
    expect(await move(mark(ann, 2), mark(bob, 4))).toEqual(stayed);
  });

  // As the writer's statement does, which moves the markers of senders.
  const touch = (trx: Transaction<never>, userId: string) =>
    sql`update members set read_seq = greatest(read_seq, 2) where user_id = ${userId}`.execute(trx);

  it.each([
    ['the first', users],
    ['the last', users.toReversed()],
  ])('wait for whoever writes the same rows, begun with %s, who need not wait for them', async (_, order) => {
    const [first = '', last = ''] = [order[0], order.at(-1)];
    const readOf = async (userId: string) =>
      (
        await sql<{ read: number }>`select read_seq as read from members where user_id = ${userId}`.execute(
          store,
        )
      ).rows[0]?.read;
    const { moving } = await store.transaction().execute(async (trx) => {
      await touch(trx, first);
      const moving = move(...users.map((user) => mark(user, 4)));
      await until(async () => (await readOf(last)) === 4);
      await touch(trx, last);
      return { moving };
    });
    expect(await moving).toEqual(Object.fromEntries(users.map((user) => [user, [4, true]])));
  });
});
