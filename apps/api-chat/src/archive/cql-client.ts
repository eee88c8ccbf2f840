import { readFileSync } from 'node:fs';
import { auth, Client, type ClientOptions, policies, types } from 'cassandra-driver';
import type { ArchiveEnv } from './cql.config';

export type CqlEnv = Omit<ArchiveEnv, 'HISTORY_STORE' | 'HISTORY_TAIL_EVENTS'>;
/** Does `work` while nobody else does, in whatever process. */
export type OneAtATime = (work: () => Promise<void>) => Promise<void>;

const table = 'event_bodies';
/** From one try to reach a node that is away to the next. */
const reconnectMs = 1000;

export const tableOf = ({ CQL_KEYSPACE }: CqlEnv): string => `${CQL_KEYSPACE}.${table}`;

/**
 * Connects, and makes the table when it is missing. Rejects with nothing left open; from then on the driver comes back
 * by itself. Two that make the same table at once may each make their own, and who sees it being made cannot
 * use it yet: `oneAtATime` keeps them apart.
 */
export async function openCql(env: CqlEnv, oneAtATime: OneAtATime): Promise<Client> {
  const client = new Client(optionsOf(env));
  try {
    await client.connect();
    await oneAtATime(async () => {
      if (!(await hasTable(client, env))) await makeTable(client, env);
    });
    return client;
  } catch (error) {
    await client.shutdown().catch(() => undefined);
    throw error;
  }
}

async function hasTable(client: Client, { CQL_KEYSPACE }: CqlEnv): Promise<boolean> {
  const named = 'select table_name from system_schema.tables where keyspace_name = ? and table_name = ?';
  const { rows } = await client.execute(named, [CQL_KEYSPACE, table]);
  return rows.length > 0;
}

async function makeTable(client: Client, env: CqlEnv): Promise<void> {
  const { CQL_KEYSPACE: keyspace, CQL_LOCAL_DC: dc, CQL_REPLICATION_FACTOR: replicas } = env;
  const statements = [
    `create keyspace if not exists ${keyspace}
      with replication = {'class': 'NetworkTopologyStrategy', '${dc.replaceAll("'", "''")}': ${replicas}}`,
    `create table if not exists ${tableOf(env)} (room_id uuid, bucket int, seq int, body text,
      primary key ((room_id, bucket), seq))`,
  ];
  for (const statement of statements) await client.execute(statement, [], { prepare: false });
}

function optionsOf(env: CqlEnv): ClientOptions {
  const { CQL_CONTACT_POINTS: contactPoints = [], CQL_LOCAL_DC: localDataCenter } = env;
  const { CQL_TIMEOUT_MS: timeoutMs, CQL_USERNAME: user, CQL_SSL_CA_FILE: caFile } = env;
  return {
    contactPoints,
    localDataCenter,
    // The driver's own waits for up to ten minutes.
    policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(reconnectMs) },
    socketOptions: { connectTimeout: timeoutMs, readTimeout: timeoutMs },
    // What is put again is the same: after an error the driver may try another node.
    queryOptions: { consistency: types.consistencies.localQuorum, prepare: true, isIdempotent: true },
    ...(user !== '' && { authProvider: new auth.PlainTextAuthProvider(user, env.CQL_PASSWORD) }),
    ...(env.CQL_SSL === 'on' && {
      sslOptions: { rejectUnauthorized: true, ...(caFile !== undefined && { ca: [readFileSync(caFile)] }) },
    }),
  };
}
