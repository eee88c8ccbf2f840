import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { AbstractWsAdapter, type MessageMappingProperties } from '@nestjs/websockets';
import { maxPayloadBytes } from '@maru/contracts';
import type { RateLimit, RateLimits } from '@maru/service-kit';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { ClientAddresses } from '../door/client-addresses';
import { corsOrigin, originAllowed } from '../door/origins';
import type { GatewayEnv } from '../gateway.config';
import { type AckFunction, refused, unknownEvent } from './ack';
import type { Known } from './handshake';

interface EngineConnection {
  request: IncomingMessage | null;
  /** Of the client, once this is through with it; what sockets have as `handshake.address`. */
  remoteAddress: string;
}
type Handler = (payload: unknown, ack: AckFunction | undefined) => Promise<unknown>;

/**
 * The largest frame the parser takes; what lies between the documented limit and this is told so before the
 * connection ends, what lies beyond ends it at once (WebSocket close code 1009).
 */
const hardMaxBytes = 4 * maxPayloadBytes;

/** How long a connection may be without its handshake. */
const connectTimeoutMs = 20_000;

/**
 * Socket.IO as the gateway wants it: small idle connections, one listener a socket, every event acked. It stands
 * on Nest's base adapter: IoAdapter keeps a subscription per event and socket.
 */
export class GatewayIoAdapter extends AbstractWsAdapter {
  private readonly limit: RateLimit;
  private readonly addresses: ClientAddresses;

  constructor(
    app: INestApplicationContext,
    private readonly env: Pick<
      GatewayEnv,
      'CORS_ORIGINS' | 'PING_INTERVAL_MS' | 'PING_TIMEOUT_MS' | 'TRUSTED_PROXIES' | 'USER_EVENTS_PER_MINUTE'
    >,
    limits: RateLimits,
  ) {
    super(app);
    this.addresses = new ClientAddresses(env.TRUSTED_PROXIES);
    this.limit = limits.limit('user_events', env.USER_EVENTS_PER_MINUTE, 60);
  }

  create(): Server {
    const { CORS_ORIGINS: origins } = this.env;
    const options: Partial<ServerOptions> = {
      perMessageDeflate: false,
      httpCompression: false,
      serveClient: false,
      maxHttpBufferSize: hardMaxBytes,
      pingInterval: this.env.PING_INTERVAL_MS,
      pingTimeout: this.env.PING_TIMEOUT_MS,
      connectTimeout: connectTimeoutMs,
      cors: { origin: corsOrigin(origins) },
      allowRequest: ({ headers }, answer) => answer(null, originAllowed(origins, headers.origin)),
    };
    const server = new Server(this.httpServer as import('node:http').Server, options);
    server.engine.on('connection', (engine: EngineConnection) => {
      const { headers } = engine.request ?? { headers: {} };
      engine.remoteAddress = this.addresses.of({ headers, remoteAddress: engine.remoteAddress });
      // The handshake request would be kept as long as the connection, several KB each.
      engine.request = null;
    });
    // Express, which sets such headers, does not see these requests.
    server.engine.on('headers', (headers: Record<string, string>) => {
      headers['x-content-type-options'] = 'nosniff';
    });
    return server;
  }

  /** One listener for all events, the unknown ones too. Errors have become acks before they come here. */
  bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    const byEvent = new Map(
      handlers.map(({ message, callback }) => [message as string, callback as Handler]),
    );
    socket.onAny((event: string, ...args: unknown[]) => {
      const last = args.at(-1);
      const ack = typeof last === 'function' ? (last as AckFunction) : undefined;
      const payloads = ack ? args.slice(0, -1) : args;
      const handler = byEvent.get(event) ?? (() => Promise.resolve(unknownEvent()));
      const work = (): Promise<unknown> => handler(payloads.length > 1 ? payloads : payloads[0], ack);
      void this.limited(socket, work).then((answer) => {
        if (answer !== undefined) ack?.(answer as Parameters<AckFunction>[0]);
      });
    });
  }

  /** Whatever a user sends counts, good or bad. Events go on in their order. */
  private limited(socket: Socket, work: () => Promise<unknown>): Promise<unknown> {
    if (!this.limit.on) return work();
    const { userId } = socket.data as Known;
    return this.limit.take(userId).then(work, refused);
  }
}
