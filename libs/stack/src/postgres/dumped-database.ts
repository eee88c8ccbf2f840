import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { documented, runInShell } from '../as-documented';
import { cacheFolder, makeTempFolder, removeFolder } from '../folders';

/** That of the server which the tests start: an older pg_dump refuses it. */
const major = 18;

/** A PATH with a pg_dump that fits. What was fetched comes first: it is of the version that is pinned. */
function pathWithPgDump(): string | undefined {
  const pin = readFileSync(path.join(__dirname, 'pg-dump.requirements.txt'), 'utf8').trim();
  const fetched = path.join(cacheFolder(pin.replace('==', '-')), 'bin');
  const system = process.env['PATH'] ?? '';
  return [`${fetched}:${system}`, system].find((PATH) => {
    const env = { ...process.env, PATH };
    const { stdout } = spawnSync('pg_dump', ['--version'], { env, encoding: 'utf8' });
    return Number(/(\d+)\./.exec(stdout)?.[1]) >= major;
  });
}

/** Whether it is installed here; says how to install it when it is not. */
export function hasPgDump(): boolean {
  if (pathWithPgDump() !== undefined) return true;
  process.stdout.write(
    `skipped: pg_dump of PostgreSQL ${major}; "install_pg_dump" of .ci/run fetches it, or put one on the PATH\n`,
  );
  return false;
}

/** A database that is backed up and restored by the very commands of docs/operate.md. */
export class DumpedDatabase {
  private readonly folder = makeTempFolder();

  constructor(private readonly url: string) {}

  async backUp(): Promise<void> {
    await runInShell(documented(/pg_dump [^`\n]*"\$DATABASE_URL"/), this.where);
  }

  /** Who is connected still is put out: a database in use is not dropped. */
  async restore(): Promise<void> {
    const { where } = this;
    const { pathname } = new URL(this.url);
    const { href: server } = Object.assign(new URL(this.url), { pathname: '/postgres' });
    const options = ['--force', '--if-exists', `--maintenance-db=${server}`, pathname.slice(1)];
    await promisify(execFile)('dropdb', options, where);
    await runInShell(documented(/pg_restore [^`\n]*maru_chat\.dump/), where);
  }

  remove(): void {
    removeFolder(this.folder);
  }

  private get where() {
    return {
      cwd: this.folder,
      env: { ...process.env, PATH: pathWithPgDump(), DATABASE_URL: this.url },
    };
  }
}
