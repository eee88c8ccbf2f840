import type { Server as HttpsServer } from 'node:https';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { maxPayloadBytes } from '@maru/contracts';
import { tracesAreOn } from '@maru/kafka-client';
import type { NextFunction, Request, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';
import type { ServiceEnv } from './config/environment';
import { HealthService } from './health/health.service';
import { onlyJson, tellParserErrors } from './http/body';
import { readTls, renewTls, type TlsFiles } from './http/tls';
import { learnClientAddress } from './limits/client-address';
import { type Logger, NestLogger } from './logging/logger';
import { traceRequest } from './tracing/request-trace';
import { startTraces } from './tracing/tracing';

export interface ServiceOptions {
  app: string;
  port: number;
  env: ServiceEnv;
  logger: Logger;
  module: Type | DynamicModule;
  /** The Kafka transport of an app with `@EventPattern` handlers. */
  transport?: (app: NestExpressApplication) => CustomTransportStrategy;
  /** Speaks https with this certificate, when it has one. */
  tls?: TlsFiles | undefined;
  /** Last touches before it listens, such as a WebSocket adapter. */
  configure?: (app: NestExpressApplication) => void;
  /** What an end begins with, while every part of the app still works. */
  drain?: (app: NestExpressApplication) => Promise<void>;
}

/** Runs a hybrid HTTP and Kafka app until SIGTERM or SIGINT, which drain it. */
export async function runService(options: ServiceOptions): Promise<void> {
  const endTraces = await startTraces(options.app, options.env, options.logger);
  const app = await createService(options);
  stopOnSignal(app, options, endTraces);
  await startService(app, options);
}

/**
 * How long an idle connection stays open: longer than load balancers (60 s) keep theirs, and so long that the
 * gateway hardly ever sends a request on one that is being closed, which would leave its outcome unknown.
 */
const keepAliveMs = 75_000;

/**
 * Connections that may wait to be accepted, as far as the system lets them (net.core.somaxconn). With Node's 511 most
 * clients of a gateway that come back at once are turned away, and try again after seconds.
 */
const backlog = 65_535;

/** Nest hands its arguments on to Node's `listen`; its types leave the backlog out. */
type Listen = (port: number, host: string, backlog: number) => Promise<unknown>;

/** Whether there is https is up to what stands in front; a page must not send its reader there. With https of our own
 * browsers keep to it for a year, on this very host. */
const headers = (tls: boolean): HelmetOptions => ({
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
  strictTransportSecurity: tls && { includeSubDomains: false },
});

/** Answers hold tokens and texts: nobody on the way keeps them. */
function keepInNoCache(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('cache-control', 'no-store');
  next();
}

/** While the app ends, an answer is the last one on its connection: what is asked next goes elsewhere. */
const lastWhileDraining =
  (health: HealthService) =>
  (_request: Request, response: Response, next: NextFunction): void => {
    if (health.draining) response.setHeader('connection', 'close');
    next();
  };

/** The app as it will run, with nothing started yet. */
export async function createService(options: ServiceOptions): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(options.module, {
    logger: new NestLogger(options.logger),
    bodyParser: false,
    abortOnError: false,
    ...(options.tls && { httpsOptions: readTls(options.tls) }),
  });
  if (options.tls) renewTls(app.getHttpServer() as unknown as HttpsServer, options.tls, options.logger);
  app.getHttpServer().keepAliveTimeout = keepAliveMs;
  mindCase(app);
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  if (tracesAreOn()) app.use(traceRequest);
  app.use(helmet(headers(options.tls !== undefined)));
  app.use(lastWhileDraining(app.get(HealthService)));
  app.use('/api', keepInNoCache);
  app.use(learnClientAddress(options.env.INTERNAL_SECRET));
  options.configure?.(app);
  app.use(onlyJson);
  app.useBodyParser('json', { limit: maxPayloadBytes });
  app.use(tellParserErrors);
  if (options.transport) {
    app.connectMicroservice({ strategy: options.transport(app) }, { inheritAppConfig: false });
  }
  return app;
}

/**
 * A route has one spelling, as a proxy that keeps `/metrics` back knows it. Express has a setting for this, which comes too late:
 * Nest has made its router by then.
 */
function mindCase(app: NestExpressApplication): void {
  const { router } = app.getHttpAdapter().getInstance() as { router: object };
  Object.assign(router, { caseSensitive: true });
}

/**
 * Topics are made and parts started by the hooks of `init`. HTTP does not wait for the Kafka handlers, which may
 * have to wait until the group gives up a member that was killed.
 */
export async function startService(app: NestExpressApplication, options: ServiceOptions): Promise<void> {
  await app.init();
  await (app.listen.bind(app) as unknown as Listen)(options.port, options.env.HOST, backlog);
  options.logger.info({ event: 'started', port: options.port }, 'ready for work');
  await app.startAllMicroservices();
}

/**
 * The order of an end: it is not ready any more; its own `drain`, while all of it works; what is under way is finished; then
 * Nest's hooks, when nobody is left who needs what they end: timers and last words first, HTTP next, Kafka and the store last.
 */
export async function stopService(
  app: NestExpressApplication,
  drain?: ServiceOptions['drain'],
): Promise<void> {
  app.get(HealthService).drain();
  try {
    await drain?.(app);
  } finally {
    // A connection that becomes idle from now on would hold up the end until its keep-alive runs out.
    const timer = setInterval(() => app.getHttpServer().closeIdleConnections(), 50).unref();
    await app.close().finally(() => clearInterval(timer));
  }
}

/** Stops once, whatever signals come; a stop that hangs is cut short. */
function stopOnSignal(
  app: NestExpressApplication,
  { env, logger, drain }: ServiceOptions,
  endTraces: () => Promise<void>,
): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ event: 'stopping', signal });
    setTimeout(() => {
      logger.error({ event: 'stop_timed_out', afterMs: env.SHUTDOWN_TIMEOUT_MS });
      process.exit(1);
    }, env.SHUTDOWN_TIMEOUT_MS).unref();
    stopService(app, drain)
      .finally(endTraces)
      .then(
        () => {
          logger.info({ event: 'stopped' });
          process.exit(0);
        },
        (error: unknown) => {
          logger.error({ event: 'stop_failed', err: error });
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** For `main.ts`: a start that fails says why in one line and ends with code 1. */
export function exitOnError(start: () => Promise<void>): void {
  start().catch((error: unknown) => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const expected = name === 'ConfigError' || name === 'TopicMismatchError';
    process.stderr.write(`${expected ? message : (stack ?? message)}\n`);
    process.exit(1);
  });
}
