import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
// A client from outside; the lib itself has none.
// eslint-disable-next-line no-restricted-imports
import { Client } from 'pg';
import { makeTempFolder, removeFolder } from '../folders';
import { isGone, until } from '../testing/until';
import { type Postgres, startPostgres } from './server';

/** Only root starts PostgreSQL as another user. For anyone else there is no such case, so nothing counts as skipped. */
const asRoot: (name: string, test: () => Promise<void>) => void =
  process.getuid?.() === 0 ? it : () => undefined;

describe('PostgreSQL on one machine', () => {
  let folder: string;
  let server: Postgres | undefined;
  beforeEach(() => {
    folder = makeTempFolder();
  });
  afterEach(async () => {
    await server?.stop();
    removeFolder(folder);
  });

  const start = async () => (server = await startPostgres({ dataDir: path.join(folder, 'postgres') }));

  async function query(sql: string, url = server?.url ?? ''): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>({ text: sql })).rows.flatMap((row) =>
        Object.values(row),
      );
    } finally {
      await client.end();
    }
  }

  it('keeps what was committed over SIGKILL and over a stop, under the same password', async () => {
    const first = await start();
    await query('create table kept as select 1 as n');
    const { pid = 0 } = first;
    first.kill('SIGKILL');
    await until(() => isGone(pid));
    await first.start();
    await query('insert into kept values (2)');
    await first.stop();
    await start();
    expect(await query('select n from kept order by n')).toEqual([1, 2]);
  });

  it('writes to disk before it says committed', async () => {
    await start();
    expect(await query('show fsync')).toEqual(['on']);
    expect(await query('show synchronous_commit')).toEqual(['on']);
    expect(String(await query('show server_version'))).toMatch(/^18\./);
  });

  it('lets nobody in without the password', async () => {
    const { port } = await start();
    await expect(query('select 1', `postgres://maru:wrong@127.0.0.1:${port}/postgres`)).rejects.toThrow(
      /password/,
    );
  });

  asRoot('runs as a user of its own when root starts it', async () => {
    const { pid = 0 } = await start();
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).toBeGreaterThan(0);
  });

  asRoot('keeps its files where its user can reach them when the folder is closed to others', async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    server = await startPostgres({ dataDir: path.join(closed, 'postgres') });
    expect(await query('select 1')).toEqual([1]);
    const elsewhere = readlinkSync(path.join(closed, 'postgres', 'elsewhere'));
    await server.stop();
    removeFolder(closed);
    expect(existsSync(elsewhere)).toBe(false);
  });
});
