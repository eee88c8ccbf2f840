import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Maru } from './maru';

const main = path.resolve(__dirname, '../../../../dist/apps/api-auth/main.js');

/** Runs the command for server keys as an operator does, with the settings of api-auth. */
export async function serverKeys(maru: Pick<Maru, 'run'>, ...args: string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: authDatabase(maru) };
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'server-keys', ...args], { env });
  return stdout.trim();
}

export const newServerKey = (maru: Pick<Maru, 'run'>, scopes: readonly string[]): Promise<string> =>
  serverKeys(maru, 'create', '--name', 'shop', '--scopes', scopes.join());

export function authDatabase(maru: Pick<Maru, 'run'>): string {
  const url = new URL(maru.run.databaseUrl);
  url.pathname = '/maru_auth';
  return url.href;
}
