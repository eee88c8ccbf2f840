import { type Kysely, sql } from 'kysely';
import { ensureDatabase, openDatabase } from './database';
import { migrate } from './migrations';
import { freshDatabaseUrl } from './testing/fresh-database';

const databases: Kysely<never>[] = [];

function open(url: string): Kysely<never> {
  const db = openDatabase<never>({
    url,
    poolSize: 2,
    statementTimeoutMs: 10_000,
    applicationName: 'migrations.int-spec',
  });
  databases.push(db);
  return db;
}

async function freshDatabase(): Promise<string> {
  const url = freshDatabaseUrl();
  await ensureDatabase(url);
  return url;
}

afterAll(() => Promise.all(databases.map((db) => db.destroy())));

describe('migrations', () => {
  it('run once though three processes start at once', async () => {
    const url = await freshDatabase();
    const migrations = {
      'a-counter': 'create table counter (value int)',
      'b-one': 'select pg_sleep(0.2); insert into counter values (1)',
    };
    await Promise.all(Array.from({ length: 3 }, () => migrate(open(url), migrations)));
    expect((await sql`select value from counter`.execute(open(url))).rows).toEqual([{ value: 1 }]);
  });

  it('go on from where the schema stands', async () => {
    const db = open(await freshDatabase());
    await migrate(db, { 'a-table': 'create table t (v int)' });
    await migrate(db, { 'a-table': 'create table t (v int)', 'b-row': 'insert into t values (7)' });
    await migrate(db, { 'a-table': 'create table t (v int)', 'b-row': 'insert into t values (7)' });
    expect((await sql`select v from t`.execute(db)).rows).toEqual([{ v: 7 }]);
  });

  it('let a build go on beside a later one, whose changes stay', async () => {
    const db = open(await freshDatabase());
    const before = { '0001-table': 'create table t (v int)' };
    const later = { ...before, '0002-row': 'insert into t values (7)' };
    await migrate(db, later);
    await migrate(db, before);
    await migrate(db, later);
    expect((await sql`select v from t`.execute(db)).rows).toEqual([{ v: 7 }]);
  });

  it('leave nothing behind when one fails', async () => {
    const db = open(await freshDatabase());
    const broken = { 'a-table': 'create table t (v int)', 'b-broken': 'insert into nowhere values (1)' };
    await expect(migrate(db, broken)).rejects.toThrow('nowhere');
    await migrate(db, { 'a-table': 'create table t (v int)' });
    expect((await sql`select v from t`.execute(db)).rows).toEqual([]);
  });
});
