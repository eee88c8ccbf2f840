import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { AbstractWsAdapter } from '@nestjs/websockets';
import { maxPayloadBytes } from '@maru/contracts';
import { Server, type ServerOptions } from 'socket.io';
import { ClientAddresses } from '../door/client-addresses';
import { corsOrigin, originAllowed } from '../door/origins';
import type { GatewayEnv } from '../gateway.config';

interface EngineConnection {
  request: IncomingMessage | null;
  /** Of the client, once this is through with it; what sockets have as `handshake.address`. */
  remoteAddress: string;
}

/**
 * The largest frame the parser takes; what lies between the documented limit and this is told so before the
 * connection ends, what lies beyond ends it at once (WebSocket close code 1009).
 */
const hardMaxBytes = 4 * maxPayloadBytes;

/** How long a connection may be without its handshake. */
const connectTimeoutMs = 20_000;

/**
 * Socket.IO as the gateway wants it: small idle connections. It stands on Nest's base adapter: IoAdapter keeps a
 * subscription per event and socket.
 */
export class GatewayIoAdapter extends AbstractWsAdapter {
  private readonly addresses: ClientAddresses;

  constructor(
    app: INestApplicationContext,
    private readonly env: Pick<
      GatewayEnv,
      'CORS_ORIGINS' | 'PING_INTERVAL_MS' | 'PING_TIMEOUT_MS' | 'TRUSTED_PROXIES'
    >,
  ) {
    super(app);
    this.addresses = new ClientAddresses(env.TRUSTED_PROXIES);
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

  /** None of Nest's: the gateway has one listener for all events. */
  bindMessageHandlers(): void {}
}
