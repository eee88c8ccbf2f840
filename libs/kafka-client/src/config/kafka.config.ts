import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** How a process talks to Kafka. All times are milliseconds. */
export interface KafkaConfig {
  brokers: string[];
  /** The app's name. Each part adds its own word, so that a broker's logs tell them apart: `api-chat.producer`. */
  clientId: string;
  requestTimeoutMs: number;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  heartbeatIntervalMs: number;
  /** After so long without an answer a send is refused with a retryable error. */
  sendTimeoutMs: number;
  /** How often, and how far apart, a record that fails is handed to its handler again. */
  retry: { count: number; delayMs: number };
  /** Where a group without committed offsets starts: at the log's beginning, else at its end. */
  fromBeginning: boolean;
  /** TLS, the brokers' certificates held against `ca` (PEM) or, with `true`, against what Node.js trusts. */
  ssl?: true | { ca: string[] };
  sasl?: { mechanism: 'scram-sha-256' | 'scram-sha-512' | 'plain'; username: string; password: string };
  /** What new topics get; `TopicSpec`s are made with these. */
  replicationFactor?: number;
  minInsyncReplicas?: number;
}

const ms = (value: number, text: string) =>
  z.coerce.number().int().positive().default(value).describe(`${text}, in milliseconds`);
const readable = (file: string): boolean => {
  try {
    return readFileSync(file, 'utf8').startsWith('-----BEGIN CERTIFICATE');
  } catch {
    return false;
  }
};
const flag = (value: boolean, text: string) => z.stringbool().default(value).describe(text);

/** The environment names of this lib, each a field with its default; an app merges them into its own schema. */
export const kafkaEnv = {
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .default('127.0.0.1:9092')
    .describe('Kafka brokers, host:port, comma-separated'),
  KAFKA_REQUEST_TIMEOUT_MS: ms(3000, 'How long one request waits for its broker'),
  KAFKA_SESSION_TIMEOUT_MS: ms(6000, 'Silence after which a group takes a consumer for dead'),
  KAFKA_REBALANCE_TIMEOUT_MS: ms(
    10000,
    'How long a group waits for its members when it shares partitions anew',
  ),
  KAFKA_HEARTBEAT_INTERVAL_MS: ms(1000, 'How often a consumer tells its group that it lives'),
  KAFKA_SEND_TIMEOUT_MS: ms(
    10000,
    'How long a send waits for its acknowledgement before it is refused as retryable',
  ),
  KAFKA_RETRY_COUNT: z.coerce
    .number()
    .int()
    .min(0)
    .default(5)
    .describe('How often a failed record is tried again before it is dead-lettered'),
  KAFKA_RETRY_DELAY_MS: ms(200, 'Pause before the first retry of a record, doubled each time'),
  CONSUME_FROM_BEGINNING: flag(
    true,
    'Where a group without offsets starts: true, the beginning of the log; false, its end',
  ),
  KAFKA_REPLICATION_FACTOR: z.coerce
    .number()
    .int()
    .positive()
    .default(1)
    .describe('Replicas of new topics (3 on a cluster)'),
  KAFKA_MIN_INSYNC_REPLICAS: z.coerce
    .number()
    .int()
    .positive()
    .default(1)
    .describe('Replicas that must have a record before it is acknowledged (2 of 3)'),
  KAFKA_SSL: flag(false, 'Speak TLS to the brokers'),
  KAFKA_SSL_CA_FILE: z
    .string()
    .default('')
    .refine((file) => file === '' || readable(file), 'a PEM file that can be read')
    .describe(
      'file (PEM) of the authority that signs the certificates of the brokers; empty: those that Node.js trusts',
    ),
  KAFKA_SASL_MECHANISM: z
    .enum(['scram-sha-256', 'scram-sha-512', 'plain'])
    .optional()
    .describe('SASL mechanism; none when unset'),
  KAFKA_SASL_USERNAME: z.string().default('').describe('SASL user'),
  KAFKA_SASL_PASSWORD: z.string().default('').describe('SASL password'),
};

const schema = z.object(kafkaEnv);
export type KafkaEnv = z.output<typeof schema>;

/** Makes the config of `clientId` from an environment that was parsed with `kafkaEnv`. */
export function kafkaConfigFrom(env: KafkaEnv, clientId: string): KafkaConfig {
  return {
    brokers: env.KAFKA_BROKERS.split(',')
      .map((broker) => broker.trim())
      .filter(Boolean),
    clientId,
    requestTimeoutMs: env.KAFKA_REQUEST_TIMEOUT_MS,
    sessionTimeoutMs: env.KAFKA_SESSION_TIMEOUT_MS,
    rebalanceTimeoutMs: env.KAFKA_REBALANCE_TIMEOUT_MS,
    heartbeatIntervalMs: env.KAFKA_HEARTBEAT_INTERVAL_MS,
    sendTimeoutMs: env.KAFKA_SEND_TIMEOUT_MS,
    retry: { count: env.KAFKA_RETRY_COUNT, delayMs: env.KAFKA_RETRY_DELAY_MS },
    fromBeginning: env.CONSUME_FROM_BEGINNING,
    replicationFactor: env.KAFKA_REPLICATION_FACTOR,
    minInsyncReplicas: env.KAFKA_MIN_INSYNC_REPLICAS,
    ...(env.KAFKA_SSL && { ssl: tlsFrom(env.KAFKA_SSL_CA_FILE) }),
    ...(env.KAFKA_SASL_MECHANISM && {
      sasl: {
        mechanism: env.KAFKA_SASL_MECHANISM,
        username: env.KAFKA_SASL_USERNAME,
        password: env.KAFKA_SASL_PASSWORD,
      },
    }),
  };
}

/** Certificates are checked, always. */
const tlsFrom = (caFile: string): NonNullable<KafkaConfig['ssl']> =>
  caFile === '' ? true : { ca: [readFileSync(caFile, 'utf8')] };

/** Parses an environment by `kafkaEnv` alone; for tools and tests. */
export const kafkaConfig = schema;
