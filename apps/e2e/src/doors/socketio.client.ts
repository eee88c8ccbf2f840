import type { Ack, AckBodies, ServerEvents } from '@maru/contracts';
import { io, type Socket } from 'socket.io-client';
import { type DoorClient, type DoorUser, RoomEar } from './door-client';

/** socket.io-client. */
export class SocketIoDoor implements DoorClient {
  readonly ear: RoomEar;
  private socket: Socket | undefined;

  constructor(private readonly user: DoorUser) {
    this.ear = new RoomEar(user.roomId);
  }

  async connect(): Promise<void> {
    const { url, token, roomId } = this.user;
    const { last } = this.ear;
    const auth = { token, ...(last > 0 && { resume: { [roomId]: last } }) };
    const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false, auth });
    this.socket = socket;
    socket.onAny((name: string, body: unknown) => this.ear.take(name, body));
    await new Promise<ServerEvents['ready']>((resolve, reject) => {
      socket.once('ready', resolve);
      socket.once('connect_error', reject);
    });
  }

  cut(): void {
    this.socket?.io.engine.close();
  }

  async send(id: string, text: string): Promise<{ seq: number; duplicate: boolean }> {
    const { roomId } = this.user;
    const sent = { roomId, id, text };
    const ack = (await this.socket?.timeout(20_000).emitWithAck('sendMessage', sent)) as Ack<
      AckBodies['sendMessage']
    >;
    if (!ack.ok) throw new Error(ack.error.code);
    return { seq: ack.seq, duplicate: ack.duplicate === true };
  }
}
