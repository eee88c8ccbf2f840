import { randomBytes } from 'node:crypto';

/** The address of a database that is not there yet, on the server that the tests run against. */
export function freshDatabaseUrl(): string {
  const url = new URL(process.env.DATABASE_URL ?? '');
  url.pathname = `/test_${randomBytes(6).toString('hex')}`;
  return url.href;
}
