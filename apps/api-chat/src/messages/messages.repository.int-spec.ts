import { randomUUID } from 'node:crypto';
import { ensureDatabase, type Kysely, migrate, openDatabase } from '@maru/postgres';
import { migrations } from '../store/migrations';
import { MessagesRepository } from './messages.repository';

describe('history', () => {
  let store: Kysely<never>;
  let history: MessagesRepository;
  beforeAll(async () => {
    const url = new URL(process.env['DATABASE_URL'] ?? '');
    url.pathname = `/history_${randomUUID().replaceAll('-', '')}`;
    await ensureDatabase(url.href);
    store = openDatabase({
      url: url.href,
      poolSize: 2,
      statementTimeoutMs: 5000,
      applicationName: 'history',
    });
    await migrate(store, migrations);
    history = new MessagesRepository(store);
  });
  afterAll(() => store.destroy());

  it.each([2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER])(
    'holds nothing after seq %d, and says so',
    async (after) => {
      expect(await history.events(randomUUID(), after, 10)).toEqual([]);
      expect(await history.messages(randomUUID(), randomUUID(), { after, limit: 10 })).toEqual([]);
      expect(await history.messages(randomUUID(), randomUUID(), { before: after, limit: 10 })).toEqual([]);
    },
  );
});
