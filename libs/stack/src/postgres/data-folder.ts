import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { elsewhereLink } from '../folders';
import { commandName, processIdentity } from '../process-identity';
import { runTool } from '../run-tool';
import { StackError } from '../stack-error';
import { sharedDataFolder } from './binaries';
import { canReach, type SystemUser } from './system-user';

/**
 * The folder to keep a database in: `dataDir` itself, or, when `user` cannot reach that, one that he can,
 * named by the link `elsewhere` in `dataDir` so that `reset` finds it.
 */
export function placeFor(dataDir: string, user: SystemUser | undefined): string {
  mkdirSync(dataDir, { recursive: true });
  if (!user) return dataDir;
  let place = dataDir;
  if (!canReach(user, path.dirname(path.resolve(dataDir)))) {
    place = sharedDataFolder(createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 12));
    mkdirSync(place, { recursive: true });
    const link = path.join(dataDir, elsewhereLink);
    rmSync(link, { force: true });
    symlinkSync(place, link);
  }
  chownSync(place, user.uid, user.gid);
  chmodSync(place, 0o700);
  return place;
}

/** Makes the database files once, beside their place and renamed, so a crash never leaves them half-way. */
export async function initialise(
  binaries: string,
  place: string,
  user: SystemUser | undefined,
): Promise<string> {
  const passwordFile = path.join(place, 'password');
  const data = path.join(place, 'data');
  if (existsSync(data)) return readFileSync(passwordFile, 'utf8');
  const fresh = path.join(place, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const auth = ['--username=maru', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const args = [
    '-D',
    fresh,
    ...auth,
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  const logFile = path.join(place, 'initdb.log');
  await runTool({ command: path.join(binaries, 'bin/initdb'), args, cwd: place, logFile, ...user }).catch(
    (error: Error) => {
      throw new StackError(`PostgreSQL could not make its files in ${place}: ${error.message}`);
    },
  );
  renameSync(fresh, data);
  return readFileSync(passwordFile, 'utf8');
}

/**
 * postmaster.pid outlives a crash. PostgreSQL takes a process that happens to have the number now for its
 * older self and refuses to start, so a number that is no postgres any more is removed first. Connections
 * of a killed server need a moment to notice; until then it would refuse as well, and is waited for.
 */
export async function clearCrash(data: string): Promise<void> {
  const file = path.join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[0]);
  if (processIdentity(pid) !== undefined && commandName(pid).includes('postgres')) return;
  const segment = lines[6]?.trim().split(/\s+/)[1];
  for (let look = 0; look < 100 && isAttached(segment); look++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  rmSync(file, { force: true });
}

/** Whether a process holds the shared memory segment; /proc/sysvipc/shm has its id second and the holders' count seventh. */
function isAttached(segment: string | undefined): boolean {
  const table = '/proc/sysvipc/shm';
  if (segment === undefined || !existsSync(table)) return false;
  const rows = readFileSync(table, 'utf8').split('\n');
  const row = rows.map((text) => text.trim().split(/\s+/)).find((fields) => fields[1] === segment);
  return Number(row?.[6] ?? 0) > 0;
}

/** What `pg_ctl` looks at: the eighth line of postmaster.pid, written by the process that serves. */
export function isServing(data: string, pid: number): boolean {
  const lines = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}
