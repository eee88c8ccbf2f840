import { WebSocket } from 'ws';

type Frame = Record<string, unknown> & {
  body?: { roomId?: string; seq?: number };
  error?: { code: string };
};

/** A client of `/ws` as anybody would write one: the stock `ws`, with what it got in order. */
export class PlainClient {
  readonly got: Frame[] = [];
  readonly socket: WebSocket;
  /** The close code and reason, once it is closed. */
  readonly closed: Promise<[code: number, reason: string]>;
  private asked = 0;
  private wake: () => void = () => undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.got.push(JSON.parse(data.toString()) as Frame);
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve([code, reason.toString()]));
    });
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.OPEN) return this;
    await new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('close', () => reject(new Error('was not opened')));
    });
    return this;
  }

  async connect(token: string, resume?: Record<string, number>): Promise<Frame> {
    await this.opened();
    return this.ask('connect', { token, ...(resume && { resume }) });
  }

  /** The reply to a frame of this type. */
  async ask(type: string, body: object = {}, id: string = `q${++this.asked}`): Promise<Frame> {
    this.socket.send(JSON.stringify({ id, type, ...body }));
    return this.until(({ reply }) => reply === id);
  }

  /** The first frame that is so, got already or still to come. */
  async until(wanted: (frame: Frame) => boolean, withinMs = 10_000): Promise<Frame> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = this.got.find(wanted);
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`not seen; got at last ${JSON.stringify(this.got).slice(-2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 200));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The seqs heard of a room, in order. */
  seqs(roomId: string): number[] {
    return this.got.flatMap(({ event, body }) =>
      event !== 'read' && body?.roomId === roomId && body.seq !== undefined ? [body.seq] : [],
    );
  }

  /** Resolves once the room's event of this seq has been heard. */
  async heard(roomId: string, seq: number): Promise<void> {
    await this.until(({ event, body }) => event !== 'read' && body?.roomId === roomId && body.seq === seq);
  }

  close(): void {
    this.socket.terminate();
  }
}
