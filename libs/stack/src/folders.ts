import { chmodSync, existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Downloads that every clone of a user shares (`MARU_CACHE` moves it): `npm ci` and `reset` leave it alone. */
export function cacheFolder(name: string): string {
  const base =
    process.env.MARU_CACHE ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'maru');
  return path.join(base, name);
}

/** A new folder below the system's temp folder that PostgreSQL's own user may pass through. */
export function makeTempFolder(prefix = 'maru-'): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  chmodSync(folder, 0o711);
  return folder;
}

/** Removes a data folder, and what lies elsewhere because a system user could not reach it here. */
export function removeFolder(folder: string): void {
  const elsewhere = path.join(folder, 'postgres', 'elsewhere');
  if (existsSync(elsewhere)) rmSync(readlinkSync(elsewhere), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
