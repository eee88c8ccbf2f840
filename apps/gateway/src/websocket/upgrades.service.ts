import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CodedError, maxPayloadBytes } from '@maru/contracts';
import { toCodedError } from '@maru/service-kit';
import { type WebSocket, WebSocketServer } from 'ws';
import { Arrivals } from '../door/arrivals.service';
import { ClientAddresses } from '../door/client-addresses';
import { originAllowed } from '../door/origins';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';

export interface UpgradeDoor {
  /** The one subprotocol, when the protocol names one; a client that asks for others alone is refused. */
  subprotocol?: string;
  /** Takes a socket that is open. It has no token yet. */
  take(socket: WebSocket): void;
}

/**
 * Opens WebSockets at the paths of the doors: no page of a wrong origin, no address that comes too often, no frame
 * above the limit, and none that does not answer pings.
 */
@Injectable()
export class Upgrades implements OnModuleDestroy {
  private readonly doors = new Map<string, { door: UpgradeDoor; server: WebSocketServer }>();
  private readonly addresses: ClientAddresses;
  private readonly silent = new WeakSet<WebSocket>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly arrivals: Arrivals,
    @Inject(GATEWAY_ENV)
    private readonly env: Pick<GatewayEnv, 'CORS_ORIGINS' | 'TRUSTED_PROXIES' | 'PING_INTERVAL_MS'>,
  ) {
    this.addresses = new ClientAddresses(env.TRUSTED_PROXIES);
    this.timer = setInterval(() => this.pingAll(), env.PING_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  open(path: string, door: UpgradeDoor): void {
    const { subprotocol } = door;
    const server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: maxPayloadBytes,
      ...(subprotocol !== undefined && { handleProtocols: () => subprotocol }),
    });
    this.doors.set(path, { door, server });
  }

  /** Other paths are left to others. */
  attach(http: Server): void {
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const [path = ''] = (request.url ?? '').split('?');
      const found = this.doors.get(path.length > 1 ? path.replace(/\/$/, '') : path);
      if (found === undefined) return;
      socket.on('error', () => socket.destroy());
      this.upgrade(request, socket, head, found).catch((error: unknown) => refuse(socket, error));
    });
  }

  private async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { door, server }: { door: UpgradeDoor; server: WebSocketServer },
  ): Promise<void> {
    if (!originAllowed(this.env.CORS_ORIGINS, request.headers.origin)) throw new CodedError('forbidden');
    const asked = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (asked && door.subprotocol !== undefined && !asked.includes(door.subprotocol)) {
      throw new CodedError('bad_request', `The subprotocol here is ${door.subprotocol}.`);
    }
    await this.arrivals.knock(
      this.addresses.of({ headers: request.headers, remoteAddress: request.socket.remoteAddress }),
    );
    server.handleUpgrade(request, socket, head, (opened) => {
      // `ws` has closed it already, by the code of the protocol: a frame too large, or none at all.
      opened.on('error', () => opened.terminate());
      opened.on('pong', () => this.silent.delete(opened));
      door.take(opened);
    });
  }

  /** One that has not answered since the last time is gone. */
  private pingAll(): void {
    for (const { server } of this.doors.values()) {
      for (const socket of server.clients) {
        if (this.silent.has(socket)) socket.terminate();
        else {
          this.silent.add(socket);
          socket.ping();
        }
      }
    }
  }
}

/** An upgrade that is refused is an HTTP answer: problem+json, as over REST. The other side may leave its half open. */
function refuse(socket: Duplex, error: unknown): void {
  const coded = toCodedError(error);
  const body = JSON.stringify({
    title: coded.code,
    status: coded.status,
    detail: coded.message,
    ...coded.toBody(),
  });
  const retry =
    coded.retryAfterMs === undefined ? '' : `retry-after: ${Math.ceil(coded.retryAfterMs / 1000)}\r\n`;
  setTimeout(() => socket.destroy(), 1000).unref();
  socket.end(
    `HTTP/1.1 ${coded.status} Refused\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `${retry}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
