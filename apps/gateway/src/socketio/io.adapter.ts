import type { INestApplicationContext } from '@nestjs/common';
import { AbstractWsAdapter, type MessageMappingProperties } from '@nestjs/websockets';
import { maxPayloadBytes } from '@maru/contracts';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import type { GatewayEnv } from '../gateway.config';
import { type AckFunction, unknownEvent } from './ack';

type Handler = (payload: unknown, ack: AckFunction | undefined) => Promise<unknown>;

/**
 * The largest frame the parser takes; what lies between the documented limit and this is told so before the
 * connection ends, what lies beyond ends it at once (WebSocket close code 1009).
 */
const hardMaxBytes = 4 * maxPayloadBytes;

/**
 * Socket.IO as the gateway wants it: small idle connections, one listener a socket, every event acked. It stands
 * on Nest's base adapter: IoAdapter keeps a subscription per event and socket.
 */
export class GatewayIoAdapter extends AbstractWsAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly env: Pick<GatewayEnv, 'CORS_ORIGINS' | 'PING_INTERVAL_MS' | 'PING_TIMEOUT_MS'>,
  ) {
    super(app);
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
      cors: { origin: origins.includes('*') ? '*' : origins },
    };
    const server = new Server(this.httpServer as import('node:http').Server, options);
    // The handshake request would be kept as long as the connection, several KB each.
    server.engine.on('connection', (engine: { request: unknown }) => (engine.request = null));
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
      const handler = byEvent.get(event);
      if (handler === undefined) {
        ack?.(unknownEvent());
        return;
      }
      void handler(payloads.length > 1 ? payloads : payloads[0], ack).then((answer) => {
        if (answer !== undefined) ack?.(answer as Parameters<AckFunction>[0]);
      });
    });
  }
}
