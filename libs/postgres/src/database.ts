import { Kysely, PostgresDialect, sql } from 'kysely';
import { Client, Pool } from 'pg';
import { z } from 'zod';
import { gatherWrites } from './gathered-writes';
import { prepareStatements } from './prepared-statements';
import { markPassingErrors } from './store-errors';

/** Settings of a service's own database. */
export const postgresEnv = {
  DATABASE_URL: z
    .url()
    .describe("the service's own database, postgres://user:password@host:port/name; created when missing"),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(2)
    .default(10)
    .describe('connections to the database at most'),
  DATABASE_STATEMENT_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe('longest time a statement may take'),
};

export interface PostgresConfig {
  url: string;
  poolSize: number;
  /** 0: statements take as long as they take. */
  statementTimeoutMs: number;
  applicationName: string;
  /** Told of errors on idle connections, which the pool then replaces. */
  onError?: (error: Error) => void;
}

/**
 * A pool of connections with time-outs on everything: a dead server makes a query fail, never hang. Errors that
 * may pass have `retryable: true`.
 */
export function openDatabase<Schema>(config: PostgresConfig): Kysely<Schema> {
  const pool = new Pool({
    connectionString: config.url,
    max: config.poolSize,
    application_name: config.applicationName,
    // Every statement names its rows by index: planning it anew for each run's values finds nothing better. While a table is new
    // the planner takes it for a few pages that are quickly read whole, and the plan stays when they are many.
    // Times inside JSON are in UTC wherever the server stands: later than 9999 they could not be read.
    options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c TimeZone=UTC',
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 60_000,
    statement_timeout: config.statementTimeoutMs,
    query_timeout: config.statementTimeoutMs && config.statementTimeoutMs + 2000,
    idle_in_transaction_session_timeout: config.statementTimeoutMs,
    keepAlive: true,
    // Statements of one transaction that do not wait for each other go out together.
    pipeline: true,
  });
  pool.on('error', () => undefined); // told by the connection itself, below
  pool.on('connect', (client) => {
    // The pool listens only while a connection is idle: one that breaks between two statements of a
    // transaction would end the process.
    client.on('error', (error) => config.onError?.(error));
    prepareStatements(client);
    gatherWrites(client);
  });
  markPassingErrors(pool);
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

/** Makes the database of `url` when it is missing. Harmless when several start at once. */
export async function ensureDatabase(url: string): Promise<void> {
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  maintenance.pathname = '/postgres';
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  try {
    await client.connect();
    return;
  } catch (error) {
    if (codeOf(error) !== '3D000') throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
  const admin = new Client({ connectionString: maintenance.href, connectionTimeoutMillis: 3000 });
  await admin.connect();
  try {
    await admin.query(`create database ${admin.escapeIdentifier(name)}`);
  } catch (error) {
    // Somebody else was first: by the name, or by the catalogue's unique index.
    if (codeOf(error) !== '42P04' && codeOf(error) !== '23505') throw error;
  } finally {
    await admin.end();
  }
}

/** Rejects when the database does not answer. */
export async function ping<Schema>(db: Kysely<Schema>): Promise<void> {
  await sql`select 1`.execute(db);
}

/** PostgreSQL's error code (SQLSTATE) of a thrown value; `undefined` when it is none of PostgreSQL's. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The table that an error of PostgreSQL names: of a partitioned one the partition. */
export function tableOf(error: unknown): string | undefined {
  return codeOf(error) !== undefined && error instanceof Error && 'table' in error
    ? String(error.table)
    : undefined;
}
