import {
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  WebSocketGateway,
} from '@nestjs/websockets';
import { type Ack, CodedError, maxPayloadBytes } from '@maru/contracts';
import type { Server, Socket } from 'socket.io';
import { ClientEvents } from '../commands/client-events.service';
import type { Connection } from '../core/connection';
import { CoreMetrics } from '../core/core.metrics';
import { Arrivals } from '../door/arrivals.service';
import { type Arrival, arrive, connectError, forgetHandshake } from './handshake';
import { SocketIoLink } from './socketio.link';

type AckFunction = (ack: Ack) => void;

/** The Socket.IO door: one listener a socket, every event acked. */
@WebSocketGateway()
export class SocketIoGateway
  implements OnGatewayInit<Server>, OnGatewayConnection<Socket>, OnGatewayDisconnect<Socket>
{
  private readonly connections = new WeakMap<Socket, Connection>();
  /** Engine connections that have asked for the namespace: one socket each. */
  private readonly clients = new WeakSet<object>();

  constructor(
    private readonly arrivals: Arrivals,
    private readonly events: ClientEvents,
    private readonly metrics: CoreMetrics,
  ) {}

  /** The token is checked before the socket is accepted. */
  afterInit(server: Server): void {
    server.use((socket, next) => {
      this.accept(socket).then(
        () => next(),
        (error: unknown) => {
          const refusal = connectError(error);
          this.metrics.refused.inc({ event: 'connect', code: (refusal.data as { code: string }).code });
          next(refusal);
        },
      );
    });
  }

  handleConnection(socket: Socket): void {
    const { identity, resume } = socket.data as Arrival;
    forgetHandshake(socket);
    const { connection } = this.arrivals.enter(identity, new SocketIoLink(socket), resume);
    this.connections.set(socket, connection);
    socket.onAny((event: string, ...args: unknown[]) => void this.hear(connection, event, args));
    socket.conn.prependListener('data', (data: unknown) => {
      if (sizeOf(data) > maxPayloadBytes) connection.end('frame_too_large');
      else connection.checkReading();
    });
  }

  handleDisconnect(socket: Socket): void {
    const connection = this.connections.get(socket);
    if (connection) this.arrivals.left(connection);
  }

  /** A client event, whatever it is called. */
  private async hear(connection: Connection, event: string, args: unknown[]): Promise<void> {
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as AckFunction) : undefined;
    const payloads = ack ? args.slice(0, -1) : args;
    ack?.(await this.answer(connection, event, payloads.length > 1 ? payloads : payloads[0]));
  }

  /** JSON as a string is taken for the object: testers send it so. */
  private answer(connection: Connection, event: string, payload: unknown): Promise<Ack> {
    if (typeof payload !== 'string') return this.events.take(connection, event, payload);
    const object = parsed(payload);
    return object === undefined
      ? this.events.refuse(connection, event, new CodedError('invalid_json', noJson))
      : this.events.take(connection, event, object);
  }

  private async accept(socket: Socket): Promise<void> {
    if (this.clients.has(socket.client))
      throw new CodedError('bad_request', 'This connection is open already.');
    this.clients.add(socket.client);
    const { address, auth } = socket.handshake;
    try {
      await this.arrivals.knock(address);
      socket.data = await arrive(auth, this.arrivals);
    } catch (error) {
      this.clients.delete(socket.client);
      throw error;
    }
  }
}

const sizeOf = (data: unknown): number =>
  typeof data === 'string' ? (data.length > maxPayloadBytes / 3 ? Buffer.byteLength(data) : data.length) : 0;

const noJson = 'The payload is a string that is not JSON: send an object.';

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
