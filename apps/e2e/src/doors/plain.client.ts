import type { Ack, AckBodies } from '@maru/contracts';
import { WebSocket } from 'ws';
import { type DoorClient, type DoorUser, RoomEar } from './door-client';

type Reply = { reply: string } & Ack<AckBodies['sendMessage']>;

/** A bare WebSocket client at `/ws`. */
export class PlainDoor implements DoorClient {
  readonly ear: RoomEar;
  private socket: WebSocket | undefined;
  private readonly waiting = new Map<string, (reply: Reply) => void>();

  constructor(private readonly user: DoorUser) {
    this.ear = new RoomEar(user.roomId);
  }

  async connect(): Promise<void> {
    const { url, token, roomId } = this.user;
    const { last } = this.ear;
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    this.socket = socket;
    const resume = last > 0 ? { [roomId]: last } : {};
    socket.on('open', () => socket.send(JSON.stringify({ id: 'hello', type: 'connect', token, resume })));
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as Reply & { event?: string; body?: unknown };
        if (frame.event === 'ready') resolve();
        if (frame.event !== undefined) this.ear.take(frame.event, frame.body);
        else this.waiting.get(frame.reply)?.(frame);
      });
    });
  }

  cut(): void {
    this.socket?.terminate();
  }

  async send(id: string, text: string): Promise<{ seq: number; duplicate: boolean }> {
    const { roomId } = this.user;
    const reply = await new Promise<Reply>((resolve) => {
      this.waiting.set(id, resolve);
      this.socket?.send(JSON.stringify({ id, type: 'sendMessage', roomId, text }));
    });
    if (!reply.ok) throw new Error(reply.error.code);
    return { seq: reply.seq, duplicate: reply.duplicate === true };
  }
}
