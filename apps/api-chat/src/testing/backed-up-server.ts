import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openDatabase, sql } from '@maru/postgres';
import { makeTempFolder, type Postgres, removeFolder, startPostgres } from '@maru/stack';

const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);

/** A PostgreSQL of a test's own that is copied while it runs, in the way of `pg_basebackup`, and put back later. */
export class BackedUpServer {
  private constructor(
    readonly server: Postgres,
    private readonly folder: string,
    private readonly data: string,
  ) {}

  static async start(): Promise<BackedUpServer> {
    const folder = makeTempFolder();
    const dataDir = path.join(folder, 'postgres');
    const server = await startPostgres({ dataDir });
    // Root's server keeps its files where its own user can reach them.
    const elsewhere = path.join(dataDir, 'elsewhere');
    return new BackedUpServer(
      server,
      folder,
      path.join(existsSync(elsewhere) ? realpathSync(elsewhere) : dataDir, 'data'),
    );
  }

  get url(): string {
    return this.server.url;
  }

  /** The address of a database that is not there yet. */
  newDatabase(): string {
    return Object.assign(new URL(this.url), { pathname: `/chat_${Date.now()}` }).href;
  }

  async backUp(): Promise<void> {
    const { data } = this;
    const store = openDatabase<never>({
      url: this.url,
      poolSize: 2,
      statementTimeoutMs: 60_000,
      applicationName: 'backup',
    });
    try {
      await store.connection().execute(async (one) => {
        await sql`select pg_backup_start('test', true)`.execute(one);
        rmSync(this.kept, { recursive: true, force: true });
        copy(data, this.kept);
        const { rows } = await sql<{
          labelfile: string;
        }>`select labelfile from pg_backup_stop(false)`.execute(one);
        // What was written meanwhile is whole with the write-ahead log up to now.
        rmSync(path.join(this.kept, 'pg_wal'), { recursive: true });
        copy(path.join(data, 'pg_wal'), path.join(this.kept, 'pg_wal'));
        rmSync(path.join(this.kept, 'postmaster.pid'));
        copy(path.join(this.kept, 'PG_VERSION'), path.join(this.kept, 'backup_label'));
        writeFileSync(path.join(this.kept, 'backup_label'), rows[0]?.labelfile ?? '');
      });
    } finally {
      await store.destroy();
    }
  }

  async restore(): Promise<void> {
    await this.server.stop();
    rmSync(this.data, { recursive: true });
    copy(this.kept, this.data);
    await this.server.start();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    removeFolder(this.folder);
  }

  private get kept(): string {
    return `${this.data}.kept`;
  }
}
