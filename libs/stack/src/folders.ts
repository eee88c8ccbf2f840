import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Downloads that every clone of a user shares (`MARU_CACHE` moves it): `npm ci` and `reset` leave it alone. */
export function cacheFolder(name: string): string {
  const base =
    process.env.MARU_CACHE ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'maru');
  return path.join(base, name);
}

/** The link in a database's folder that names where its files are instead. */
export const elsewhereLink = 'elsewhere';

/** A new folder below the system's temp folder that PostgreSQL's own user may pass through. */
export function makeTempFolder(prefix = 'maru-'): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  chmodSync(folder, 0o711);
  return folder;
}

/** Removes a folder, and the databases that lie elsewhere because a system user could not reach them here. */
export function removeFolder(folder: string): void {
  if (existsSync(folder)) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(folder, name);
      if (path.basename(name) !== elsewhereLink || !lstatSync(file).isSymbolicLink()) continue;
      rmSync(readlinkSync(file), { recursive: true, force: true });
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
