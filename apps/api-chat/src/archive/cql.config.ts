import { readFileSync } from 'node:fs';
import { ConfigError, count, milliseconds } from '@maru/service-kit';
import { z } from 'zod';

const onOff = z.enum(['on', 'off']);

/** Settings of the archive of old history. */
export const archiveEnv = {
  HISTORY_STORE: z
    .enum(['postgres', 'cql'])
    .default('postgres')
    .describe(
      'where old history goes: it stays in DATABASE_URL, or moves to the Cassandra or ScyllaDB of CQL_CONTACT_POINTS',
    ),
  HISTORY_TAIL_EVENTS: count
    .default(1000)
    .describe(
      'with HISTORY_STORE=cql: the last events of each room that stay in DATABASE_URL; resumes need the last 500',
    ),
  CQL_CONTACT_POINTS: z
    .string()
    .optional()
    .transform((points) => points?.split(',').map((point) => point.trim()))
    .describe(
      'nodes of Cassandra or ScyllaDB, host or host:port, separated by commas; unset: there is no archive',
    ),
  CQL_LOCAL_DC: z
    .string()
    .default('datacenter1')
    .describe('data centre whose nodes are asked; a quorum of its replicas takes each write and read'),
  CQL_KEYSPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/)
    .default('maru')
    .describe('keyspace of the archive; made when missing, with its table'),
  CQL_REPLICATION_FACTOR: count
    .default(3)
    .describe('replicas in CQL_LOCAL_DC of a keyspace that is made; fewer than 3 lose history with a node'),
  CQL_USERNAME: z.string().default('').describe('user at CQL_CONTACT_POINTS; none when empty'),
  CQL_PASSWORD: z.string().default('').describe('his password'),
  CQL_SSL: onOff.default('off').describe('whether TLS is spoken to the nodes'),
  CQL_SSL_CA_FILE: z
    .string()
    .optional()
    .describe('file of certificates that sign those of the nodes, in PEM; unset: those that Node.js trusts'),
  CQL_TIMEOUT_MS: milliseconds.default(3000).describe('how long a node may take to answer'),
};
export type ArchiveEnv = z.infer<z.ZodObject<typeof archiveEnv>>;

/** @throws ConfigError when history should go where nobody knows a node of, or the certificates cannot be read. */
export function mustFindArchive({ HISTORY_STORE, CQL_CONTACT_POINTS, CQL_SSL_CA_FILE }: ArchiveEnv): void {
  if (HISTORY_STORE === 'cql' && CQL_CONTACT_POINTS === undefined)
    throw new ConfigError(
      'CQL_CONTACT_POINTS must be set with HISTORY_STORE=cql: name nodes of Cassandra or ScyllaDB.',
    );
  if (CQL_SSL_CA_FILE === undefined) return;
  try {
    readFileSync(CQL_SSL_CA_FILE);
  } catch (error) {
    throw new ConfigError(`CQL_SSL_CA_FILE cannot be read: ${(error as Error).message}.`);
  }
}
