import { sql } from 'kysely';
import { codeOf, ensureDatabase, openDatabase, ping, tableOf } from './database';
import { freshDatabaseUrl } from './testing/fresh-database';

const open = (url: string, statementTimeoutMs = 10_000) =>
  openDatabase<never>({ url, poolSize: 2, statementTimeoutMs, applicationName: 'database.int-spec' });

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a database', () => {
  it('is made when it is missing, though several start at once', async () => {
    const url = freshDatabaseUrl();
    await Promise.all(Array.from({ length: 5 }, () => ensureDatabase(url)));
    const db = open(url);
    await ping(db);
    await db.destroy();
  });

  it('does not answer when it is away, and says so', async () => {
    const url = new URL(freshDatabaseUrl());
    url.port = '1';
    const db = open(url.href);
    await expect(ping(db)).rejects.toMatchObject({ code: 'ECONNREFUSED', retryable: true });
    await db.destroy();
  });

  it('ends a statement that takes too long', async () => {
    const url = freshDatabaseUrl();
    await ensureDatabase(url);
    const db = open(url, 200);
    const error = await thrownBy(sql`select pg_sleep(5)`.execute(db));
    expect(error).toMatchObject({ code: '57014', retryable: true });
    await db.destroy();
  });

  it('lets a statement take as long as it takes where that was asked for', async () => {
    const url = freshDatabaseUrl();
    await ensureDatabase(url);
    const db = open(url, 0);
    await sql`select pg_sleep(2.5)`.execute(db);
    await db.destroy();
  });

  it('tells times in JSON in UTC, wherever its server stands', async () => {
    const url = freshDatabaseUrl();
    await ensureDatabase(url);
    const admin = open(url);
    const name = sql.id(new URL(url).pathname.slice(1));
    await sql`alter database ${name} set timezone to 'Asia/Seoul'`.execute(admin);
    await admin.destroy();
    const db = open(url);
    const { rows } = await sql<{ at: string[] }>`
      select json_build_array('9999-12-31T23:59:59Z'::timestamptz) as at`.execute(db);
    expect(rows[0]?.at).toEqual(['9999-12-31T23:59:59+00:00']);
    await db.destroy();
  });

  it('names the table that a row is not for, of a partitioned one the partition', async () => {
    const url = freshDatabaseUrl();
    await ensureDatabase(url);
    const db = open(url);
    await sql`create table things (name text primary key) partition by hash (name)`.execute(db);
    await sql`create table things_0 partition of things for values with (modulus 1, remainder 0)`.execute(db);
    await sql`insert into things values ('a')`.execute(db);
    const error = await thrownBy(sql`insert into things values ('a')`.execute(db));
    expect([codeOf(error), tableOf(error)]).toEqual(['23505', 'things_0']);
    expect(error).not.toHaveProperty('retryable');
    expect(tableOf(new Error('of another kind'))).toBeUndefined();
    await db.destroy();
  });

  it('gives a new connection after the server has ended the old one', async () => {
    const url = freshDatabaseUrl();
    await ensureDatabase(url);
    const lost: string[] = [];
    const db = openDatabase<never>({
      url,
      poolSize: 2,
      statementTimeoutMs: 1000,
      applicationName: 'lost',
      onError: (error) => lost.push(error.message),
    });
    await ping(db);
    const admin = open(url);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lost'`.execute(
      admin,
    );
    for (const end = Date.now() + 10_000; lost.length === 0 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await ping(db);
    expect(lost).toHaveLength(1);
    const suicide = sql`select pg_terminate_backend(pg_backend_pid())`.execute(db);
    await expect(suicide).rejects.toMatchObject({ retryable: true });
    await Promise.all([db.destroy(), admin.destroy()]);
  });
});
