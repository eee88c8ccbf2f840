import type { Pool, PoolClient } from 'pg';

/**
 * SQLSTATEs of a server that is away, starting, stopping, out of room or too slow, and of a transaction that it
 * gave up for another: connection (08), resources (53), operator (57), deadlock and serialization (40), and a
 * transaction that waited too long (25P03).
 */
const passing = /^(08|53|57|40)\w{3}$|^25P03$/;
const sqlState = /^[0-9A-Z]{5}$/;

/** Whether the same may succeed later. Whatever PostgreSQL itself did not say came of the way to it. */
function mayPass(error: object): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return sqlState.test(code) && 'severity' in error ? passing.test(code) : true;
}

function mark(error: unknown): never {
  if (typeof error === 'object' && error !== null && mayPass(error))
    Object.assign(error, { retryable: true });
  throw error;
}

/**
 * Errors of this pool and its connections that may pass say so: `retryable: true`, as those of Kafka do. HTTP
 * answers `unavailable` for them, and a Kafka handler gets its record again without bound.
 */
export function markPassingErrors(pool: Pool): void {
  const connect = pool.connect.bind(pool) as (...args: unknown[]) => Promise<PoolClient>;
  Object.assign(pool, {
    connect: (...args: unknown[]) => (args.length > 0 ? connect(...args) : connect().catch(mark)),
  });
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: unknown[]) => {
        const answer = query(...args);
        return answer instanceof Promise ? answer.catch(mark) : answer;
      },
    });
  });
}
