import { UseFilters } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { type Ack, type AckBodies, type ClientPayload, CodedError, maxPayloadBytes } from '@maru/contracts';
import type { Server, Socket } from 'socket.io';
import { CommandsService } from '../commands/commands.service';
import type { Connection } from '../core/connection';
import { CoreMetrics } from '../core/core.metrics';
import { Arrivals } from '../door/arrivals.service';
import { AckFilter } from './ack.filter';
import { type Arrival, arrive, connectError, forgetHandshake } from './handshake';
import { PayloadPipe } from './payload.pipe';
import { SocketIoLink } from './socketio.link';

const ok = <T extends object>(body: T): Ack<T> => ({ ok: true, ...body });

/** The Socket.IO door: names each client event, takes its contract, calls one service method, acks. */
@UseFilters(AckFilter)
@WebSocketGateway()
export class SocketIoGateway
  implements OnGatewayInit<Server>, OnGatewayConnection<Socket>, OnGatewayDisconnect<Socket>
{
  private readonly connections = new WeakMap<Socket, Connection>();
  /** Engine connections that have asked for the namespace: one socket each. */
  private readonly clients = new WeakSet<object>();

  constructor(
    private readonly arrivals: Arrivals,
    private readonly commands: CommandsService,
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
    forgetHandshake(socket, { userId: identity.userId });
    const { connection } = this.arrivals.enter(identity, new SocketIoLink(socket), resume);
    this.connections.set(socket, connection);
    socket.conn.prependListener('data', (data: unknown) => {
      if (sizeOf(data) > maxPayloadBytes) connection.end('frame_too_large');
      else connection.checkReading();
    });
  }

  handleDisconnect(socket: Socket): void {
    const connection = this.connections.get(socket);
    if (connection) this.arrivals.left(connection);
  }

  @SubscribeMessage('joinRoom')
  async joinRoom(
    @ConnectedSocket() socket: Socket,
    @MessageBody(new PayloadPipe('joinRoom')) payload: ClientPayload<'joinRoom'>,
  ): Promise<Ack<AckBodies['joinRoom']>> {
    return ok(await this.commands.joinRoom(this.of(socket), payload));
  }

  @SubscribeMessage('leaveRoom')
  async leaveRoom(
    @ConnectedSocket() socket: Socket,
    @MessageBody(new PayloadPipe('leaveRoom')) payload: ClientPayload<'leaveRoom'>,
  ): Promise<Ack<AckBodies['leaveRoom']>> {
    return ok(await this.commands.leaveRoom(this.of(socket), payload));
  }

  @SubscribeMessage('sendMessage')
  async sendMessage(
    @ConnectedSocket() socket: Socket,
    @MessageBody(new PayloadPipe('sendMessage')) payload: ClientPayload<'sendMessage'>,
  ): Promise<Ack<AckBodies['sendMessage']>> {
    return ok(await this.commands.sendMessage(this.of(socket), payload));
  }

  @SubscribeMessage('read')
  async read(
    @ConnectedSocket() socket: Socket,
    @MessageBody(new PayloadPipe('read')) payload: ClientPayload<'read'>,
  ): Promise<Ack<AckBodies['read']>> {
    return ok(await this.commands.read(this.of(socket), payload));
  }

  @SubscribeMessage('typing')
  async typing(
    @ConnectedSocket() socket: Socket,
    @MessageBody(new PayloadPipe('typing')) payload: ClientPayload<'typing'>,
  ): Promise<Ack<AckBodies['typing']>> {
    return ok(await this.commands.typing(this.of(socket), payload));
  }

  @SubscribeMessage('authenticate')
  async authenticate(
    @ConnectedSocket() socket: Socket,
    @MessageBody(new PayloadPipe('authenticate')) payload: ClientPayload<'authenticate'>,
  ): Promise<Ack<AckBodies['authenticate']>> {
    return ok(await this.commands.authenticate(this.of(socket), payload));
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

  private of(socket: Socket): Connection {
    const connection = this.connections.get(socket);
    if (connection === undefined || connection.closed) throw new CodedError('unavailable');
    return connection;
  }
}

const sizeOf = (data: unknown): number =>
  typeof data === 'string' ? (data.length > maxPayloadBytes / 3 ? Buffer.byteLength(data) : data.length) : 0;
