import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { clientFrame } from '../../bench/frame-reader';

/** A Socket.IO client that reads in earnest until it is `ready`, and then so many bytes a second; 0: nothing at all. */
export class SlowReader {
  /** Whether the gateway has ended the connection. */
  ended = false;
  private heard = '';
  private readonly socket: Socket;
  private pulse: NodeJS.Timeout | undefined;
  private ready: (() => void) | undefined;

  private constructor(
    url: string,
    token: string,
    private readonly bytesPerSecond: number,
  ) {
    const { hostname, port, host } = new URL(url);
    const buffer = Buffer.alloc(1024);
    // Read in pieces of this size, so that "slow" is exact: a stream would take 64 KB at once.
    const onread = { buffer, callback: (length: number) => this.took(buffer.toString('latin1', 0, length)) };
    this.socket = connect({ host: hostname, port: Number(port), onread });
    this.socket.on('error', () => undefined);
    this.socket.once('close', () => (this.ended = true));
    const key = randomBytes(16).toString('base64');
    this.socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    this.greeting = clientFrame(`40${JSON.stringify({ token })}`);
  }

  private readonly greeting: Buffer;

  /** Resolves when the server has said `ready`; from then on it is slow. */
  static open(url: string, token: string, bytesPerSecond: number): Promise<SlowReader> {
    const reader = new SlowReader(url, token, bytesPerSecond);
    return new Promise((resolve, reject) => {
      reader.ready = () => resolve(reader);
      reader.socket.once('close', () => reject(new Error(`${url} closed a connection that was to be slow.`)));
    });
  }

  close(): void {
    clearInterval(this.pulse);
    this.socket.destroy();
  }

  /** Whether to go on reading at once. */
  private took(text: string): boolean {
    if (this.ready === undefined) return false;
    const greeted = this.heard.includes('\r\n\r\n');
    this.heard += text;
    if (!greeted && this.heard.includes('\r\n\r\n')) this.socket.write(this.greeting);
    if (!this.heard.includes('42["ready"')) return true;
    this.ready();
    this.ready = undefined;
    if (this.bytesPerSecond > 0)
      this.pulse = setInterval(() => this.socket.resume(), (1024 / this.bytesPerSecond) * 1000);
    return false;
  }
}
