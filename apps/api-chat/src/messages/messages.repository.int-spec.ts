import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from '@maru/postgres';
import { History } from '../archive/history';
import { freshStore } from '../testing/fresh-store';
import { MessagesRepository } from './messages.repository';

describe('history', () => {
  let store: Kysely<never>;
  let history: MessagesRepository;
  const [room, user] = [randomUUID(), randomUUID()];
  beforeAll(async () => {
    store = await freshStore();
    await sql`
      insert into rooms (id, kind, name, owner_id, seq, message_no, created_at, create_hash, active_at)
      values (${room}, 'private', 'Room', ${user}, 1, 0, now(), '', now())`.execute(store);
    history = new MessagesRepository(store, new History(undefined));
  });
  afterAll(() => store.destroy());

  it.each([2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER])(
    'holds nothing after seq %d, and says so',
    async (after) => {
      expect(await history.events(randomUUID(), after, 10)).toEqual([]);
      expect(await history.messages(room, user, { after, limit: 10 })).toEqual({ items: [], seq: 1 });
      expect(await history.messages(room, user, { before: after, limit: 10 })).toEqual({ items: [], seq: 1 });
    },
  );

  it('is undefined for a room that is not there', async () => {
    expect(await history.messages(randomUUID(), user, { limit: 10 })).toBeUndefined();
  });
});
