import type { Ack, ReadyRoom } from '@maru/contracts';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

/** How a client that no one here wrote sees it: the stock socket.io-client, with what it heard in order. */
export class TestClient {
  readonly heard: { name: string; body: { roomId?: string; seq?: number } & Record<string, unknown> }[] = [];
  readonly socket: Socket;
  private waiting: (() => void)[] = [];

  constructor(url: string, token: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    const { auth, ...rest } = options;
    this.socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token, ...(auth as object) },
      ...rest,
    });
    this.socket.onAny((name: string, body: TestClient['heard'][number]['body']) => {
      this.heard.push({ name, body });
      this.wake();
    });
    this.socket.on('disconnect', () => this.wake());
    this.socket.on('connect', () => this.wake());
  }

  /** Resolves once `condition` holds for what was heard; rejects after `withinMs` with what was heard. */
  async until(condition: () => boolean, withinMs = 10_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!condition()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`not seen; heard at last ${JSON.stringify(this.heard).slice(-2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 200));
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async ready(): Promise<Record<string, ReadyRoom>> {
    await this.until(() => this.heard.some(({ name }) => name === 'ready'));
    const ready = this.heard.find(({ name }) => name === 'ready');
    return ready?.body['rooms'] as Record<string, ReadyRoom>;
  }

  /** The seqs heard of a room, in order. */
  seqs(roomId: string): number[] {
    return this.heard.flatMap(({ name, body }) =>
      name !== 'read' && body.roomId === roomId && body.seq !== undefined ? [body.seq] : [],
    );
  }

  async ask(event: string, ...args: unknown[]): Promise<Ack<Record<string, unknown>>> {
    return (await this.socket.timeout(10_000).emitWithAck(event, ...args)) as Ack<Record<string, unknown>>;
  }

  close(): void {
    this.socket.disconnect();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** The numbers from `from` to `to`. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
