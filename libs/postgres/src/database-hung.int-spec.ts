import { makeTempFolder, type Postgres, removeFolder, startPostgres } from '@maru/stack';
import { type Kysely, sql } from 'kysely';
import { openDatabase } from './database';

describe('a connection whose statement timed out', () => {
  const folder = makeTempFolder();
  let server: Postgres;
  let db: Kysely<never>;

  beforeAll(async () => {
    server = await startPostgres({ dataDir: folder });
    db = openDatabase({ url: server.url, poolSize: 1, statementTimeoutMs: 300, applicationName: 'late' });
    await sql`create table entries (who text)`.execute(db);
  });
  afterAll(async () => {
    await db.destroy();
    await server.stop();
    removeFolder(folder);
  });

  it('takes nothing of its transaction into the next one, when the server wakes up again', async () => {
    let backend = 0;
    const late = db.transaction().execute(async (trx) => {
      await sql`insert into entries values (${'before the server hung'})`.execute(trx);
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      backend = rows[0]?.pid ?? 0;
      process.kill(backend, 'SIGSTOP');
      await sql`insert into entries values (${'while it hung'})`.execute(trx);
    });
    await expect(late).rejects.toThrow();
    process.kill(backend, 'SIGCONT');
    await db.transaction().execute((trx) => sql`insert into entries values (${'after'})`.execute(trx));
    const { rows } = await sql<{ who: string }>`select who from entries`.execute(db);
    expect(rows).toEqual([{ who: 'after' }]);
  });
});
