import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { serverKeysCommand } from './server-keys.command';

/** DATABASE_URL, or the database of the Maru that `npm start` runs. */
function databaseUrl(): string {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  const file = path.join(process.env.MARU_HOME ?? '.maru', 'run.json');
  if (!existsSync(file))
    throw new Error(`Start Maru first, or set DATABASE_URL to the database of api-auth.`);
  const url = new URL((JSON.parse(readFileSync(file, 'utf8')) as { databaseUrl: string }).databaseUrl);
  url.pathname = '/maru_auth';
  return url.href;
}

async function main(args: string[]): Promise<void> {
  process.stdout.write(`${await serverKeysCommand(databaseUrl(), args)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
