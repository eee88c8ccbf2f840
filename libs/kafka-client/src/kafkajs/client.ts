import './broker-lock.fix';
import './closing-log-in.fix';
import './empty-batches.fix';
import './encoder-growth.fix';
import './record-headers.fix';
import './request-queue.fix';
import './stopped-fetch.fix';

import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type ISocketFactory,
  Kafka,
  KafkaJSProtocolError,
  logLevel,
  type LogEntry,
  type RetryOptions,
} from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.config';
import type { Logger } from '../logger';

/**
 * Short and bounded, every field named (kafkajs has other defaults under NODE_ENV=test): what has to be
 * tried longer is tried by the part that knows why, so that nothing lives on after its owner has stopped.
 */
const retry: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 1000,
  factor: 0.2,
  multiplier: 2,
  retries: 3,
};

/** For debugging only: kafkajs tells each of a dead broker's connections again and again, several times a second.
 * What a failure means is told once, by the part that meets it. */
const route =
  (logger: Logger) =>
  () =>
  ({ namespace, log }: LogEntry): void => {
    const { message, error, broker, topic, partition, groupId } = log as Record<string, unknown> & {
      message: string;
    };
    logger.debug({ event: 'kafkajs', part: namespace, error, broker, topic, partition, groupId }, message);
  };

/**
 * kafkajs's own leaves Nagle's algorithm on: a request that follows another on the same connection then waits
 * for the acknowledgement of the first, which the other side may put off for 40 ms.
 */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const servername = isIP(host) === 0 ? host : undefined;
  const socket = ssl
    ? connectTls({ host, port, ...(servername !== undefined && { servername }), ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect);
  return socket.setNoDelay(true).setKeepAlive(true, 60_000);
};

function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** A kafkajs client for one part of an app: `role` ends its client id. */
export function kafkaClient(config: KafkaConfig, role: string, logger: Logger): Kafka {
  return new Kafka({
    clientId: `${config.clientId}.${role}`,
    // It stays with the first broker that accepts a connection, even when that one is paused and never
    // answers; a client made anew must be able to meet another.
    brokers: shuffled(config.brokers),
    connectionTimeout: Math.min(2000, config.requestTimeoutMs),
    authenticationTimeout: config.requestTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry,
    socketFactory,
    logLevel: logLevel.WARN,
    logCreator: route(logger),
    ...(config.ssl !== undefined && { ssl: config.ssl }),
    ...(config.sasl && { sasl: config.sasl as never }),
  });
}

/** The error at the bottom: kafkajs wraps what it gave up on, and gathers what went wrong in one request. */
export function rootCause(error: unknown): unknown {
  let at = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    const inner: unknown = 'errors' in at && Array.isArray(at.errors) ? at.errors[0] : at.cause;
    if (!(inner instanceof Error) || inner === at) break;
    at = inner;
  }
  return at;
}

/** The broker's error name (`MESSAGE_TOO_LARGE`) when the broker answered with one. */
export function brokerErrorType(error: unknown): string | undefined {
  const root = rootCause(error);
  return root instanceof KafkaJSProtocolError ? root.type : undefined;
}
