import { randomUUID } from 'node:crypto';
import { ensureDatabase, type Kysely, migrate, openDatabase } from '@maru/postgres';
import { migrations } from '../store/migrations';

type Settings = Partial<Pick<Parameters<typeof openDatabase>[0], 'poolSize' | 'statementTimeoutMs'>>;

/** api-chat's tables, empty, in a new database of the server that the tests run against; `schema`: as far as these steps go. */
export async function freshStore(settings: Settings = {}, schema = migrations): Promise<Kysely<never>> {
  const url = new URL(process.env['DATABASE_URL'] ?? '');
  url.pathname = `/chat_${randomUUID().replaceAll('-', '')}`;
  await ensureDatabase(url.href);
  const common = { url: url.href, poolSize: 2, statementTimeoutMs: 5000, applicationName: 'fresh-store' };
  const store = openDatabase<never>({ ...common, ...settings });
  await migrate(store, schema);
  return store;
}
