import { kafkaEnv } from '@maru/kafka-client';
import {
  ConfigError,
  count,
  milliseconds,
  port,
  readServiceEnvironment,
  serviceEnv,
  tlsEnv,
  topicsEnv,
} from '@maru/service-kit';
import { z } from 'zod';
import { trustedProxiesSetting } from './door/client-addresses';
import { originsSetting } from './door/origins';

/** A port that is listened on, or not at all. */
const portOrOff = z.union([z.literal('off'), port]);

/** Settings of the gateway. */
export const gatewayEnv = {
  PORT: port
    .default(3310)
    .describe('port of the public door: REST under /api, Socket.IO, /docs, the page at /'),
  ...serviceEnv,
  ...kafkaEnv,
  ...topicsEnv,
  ...tlsEnv,
  MQTT_PORT: portOrOff.default(1883).describe('port of MQTT over TCP; off for none'),
  MQTT_TLS_PORT: portOrOff
    .default('off')
    .describe('port of MQTT over TLS, such as 8883, with the certificate of TLS_CERT_FILE; off for none'),
  WEB_PAGE: z
    .enum(['on', 'off'])
    .default('on')
    .describe('whether the chat page is served at /, where it was built beside the gateway'),
  DELIVERY: z
    .enum(['broadcast', 'routed'])
    .default('broadcast')
    .describe(
      'broadcast: this gateway reads all events; routed: routers send it those of rooms that it holds. The same for all gateways',
    ),
  REQUEST_TIMEOUT_MS: milliseconds
    .default(20_000)
    .describe('how long a door waits for the answer to a command before it says that the outcome is unknown'),
  CORS_ORIGINS: originsSetting
    .prefault('*')
    .describe(
      'exact origins whose pages may call and connect, separated by commas; * for all (no cookies are used)',
    ),
  TRUSTED_PROXIES: trustedProxiesSetting
    .prefault('')
    .describe(
      'addresses whose forwarded headers are believed, separated by commas: 10.0.0.7, 10.0.0.0/8, loopback, uniquelocal',
    ),
  ADDRESS_REQUESTS_PER_MINUTE: count
    .default(3000)
    .describe('REST requests of one address that this gateway takes in a minute'),
  ADDRESS_CONNECTIONS_PER_MINUTE: count
    .default(1200)
    .describe('connections that one address may open here in a minute'),
  USER_EVENTS_PER_MINUTE: count
    .default(1200)
    .describe('client events of one user that this gateway takes in a minute, over all his connections'),
  DRAIN_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'over how long a graceful stop sends the clients away, in equal slices; 0: all at once. Below SHUTDOWN_TIMEOUT_MS',
    ),
  PING_INTERVAL_MS: milliseconds.default(25_000).describe('how often a connection is asked whether it lives'),
  PING_TIMEOUT_MS: milliseconds.default(20_000).describe('silence after a ping that ends a connection'),
  MAX_BUFFERED_BYTES: count
    .default(1024 * 1024)
    .describe('bytes that may wait for a client that does not read; beyond, it is ended and may resume'),
  MAX_OUTSTANDING: count.default(100).describe('events of one connection that may wait for their ack'),
  GATHER_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(2)
    .describe('least time between two rounds of delivery: what comes meanwhile goes out in one write'),
  ROOM_LINGER_MS: milliseconds
    .default(60_000)
    .describe('how long a room without connections is kept, so that resumes find its tail'),
  TAILS_MAX_CHARACTERS: count
    .default(128 * 1024 * 1024)
    .describe('characters of JSON that the tails of all rooms may hold; quiet rooms lose theirs first'),
  PRESENCE_MAX_PAIRS: count
    .default(2_000_000)
    .describe(
      'friends of users and members of small rooms that are kept in memory, to tell them of each other; beyond, no more are told',
    ),
};
export type GatewayEnv = z.infer<z.ZodObject<typeof gatewayEnv>>;

/**
 * The settings, for `main.ts`.
 * @throws ConfigError as `readServiceEnvironment`, and when the clients could not be sent away in time.
 */
export function readGatewayEnvironment(): GatewayEnv {
  const env = readServiceEnvironment(gatewayEnv);
  refuseLongDrain(env);
  return env;
}

/** @throws ConfigError when the process would be ended in the middle. */
export function refuseLongDrain(env: Pick<GatewayEnv, 'DRAIN_MS' | 'SHUTDOWN_TIMEOUT_MS'>): void {
  const { DRAIN_MS, SHUTDOWN_TIMEOUT_MS } = env;
  if (DRAIN_MS < SHUTDOWN_TIMEOUT_MS) return;
  throw new ConfigError(
    `DRAIN_MS (${DRAIN_MS}) must be below SHUTDOWN_TIMEOUT_MS (${SHUTDOWN_TIMEOUT_MS}), by some seconds: ` +
      'what has been asked is answered in what is left. Raise SHUTDOWN_TIMEOUT_MS, and the time after which the process is killed.',
  );
}

/** Injects the gateway's settings. */
export const GATEWAY_ENV = Symbol('gateway settings');
