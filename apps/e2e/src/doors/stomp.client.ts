import { Client, type StompHeaders } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { type DoorClient, type DoorUser, RoomEar } from './door-client';

/** @stomp/stompjs at `/stomp`. */
export class StompDoor implements DoorClient {
  readonly ear: RoomEar;
  private client: Client | undefined;
  private socket: WebSocket | undefined;
  private receipts = 0;

  constructor(private readonly user: DoorUser) {
    this.ear = new RoomEar(user.roomId);
  }

  async connect(): Promise<void> {
    const { url, token, roomId } = this.user;
    const { last } = this.ear;
    const client = new Client({
      webSocketFactory: () =>
        (this.socket = new WebSocket(`${url.replace('http', 'ws')}/stomp`, 'v12.stomp')),
      connectHeaders: { Authorization: `Bearer ${token}` },
      reconnectDelay: 0,
    });
    this.client = client;
    await new Promise<void>((resolve, reject) => {
      client.onStompError = ({ headers }) => reject(new Error(headers['code']));
      client.onConnect = () => {
        const resume: StompHeaders = last > 0 ? { 'last-seq': String(last) } : {};
        client.subscribe(
          `/topic/room/${roomId}`,
          ({ headers, body }) => {
            if (headers['type'] === 'ready') resolve();
            this.ear.take(headers['type'] ?? '', JSON.parse(body));
          },
          resume,
        );
      };
      client.activate();
    });
  }

  cut(): void {
    this.socket?.terminate();
  }

  async send(id: string, text: string): Promise<{ seq: number; duplicate: boolean }> {
    const receipt = `r${++this.receipts}`;
    const headers = await new Promise<StompHeaders>((resolve) => {
      this.client?.watchForReceipt(receipt, (frame) => resolve(frame.headers));
      const destination = `/app/room/${this.user.roomId}`;
      this.client?.publish({
        destination,
        body: JSON.stringify({ type: 'TALK', id, text }),
        headers: { receipt },
      });
    });
    return { seq: Number(headers['seq']), duplicate: headers['duplicate'] === 'true' };
  }
}
