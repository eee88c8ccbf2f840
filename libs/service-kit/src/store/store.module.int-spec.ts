import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from '@maru/postgres';
import { createLogger } from '../logging/logger';
import { StoreModule } from './store.module';

describe("a service's database", () => {
  it('is brought up to date by steps that may take longer than a statement may', async () => {
    const url = new URL(process.env.DATABASE_URL ?? '');
    url.pathname = `/store_${randomUUID().replaceAll('-', '')}`;
    const env = { DATABASE_URL: url.href, DATABASE_POOL_SIZE: 2, DATABASE_STATEMENT_TIMEOUT_MS: 200 };
    const { providers } = StoreModule.forRoot({
      ...{ app: 'store', env, logger: createLogger('store', 'silent') },
      migrations: { 'a-table': 'create table t (v int)', 'b-slow': 'select pg_sleep(1)' },
    });
    const [{ useFactory: open }] = providers as unknown as [{ useFactory: () => Promise<Kysely<never>> }];
    const store = await open();
    expect((await sql`select v from t`.execute(store)).rows).toEqual([]);
    await expect(sql`select pg_sleep(1)`.execute(store)).rejects.toMatchObject({ code: '57014' });
    await store.destroy();
  });
});
