import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { clientFrame, FrameReader } from './frame-reader';

const seqKey = Buffer.from('"seq":');
const [four, two, three, nine] = ['4', '2', '3', '9'].map((digit) => digit.charCodeAt(0));
const zero = '0'.charCodeAt(0);

export interface LightClientOptions {
  url: string;
  token: string;
  /** Called for each newMessage, with the bytes that it lies in. */
  onMessage?: (bytes: Buffer, start: number, end: number) => void;
}

/**
 * A Socket.IO client on WebSocket that only looks at what it must, so that a thousand of them leave the machine
 * to the server: counts messages and checks that each has the next seq.
 */
export class LightClient {
  messages = 0;
  lastSeq = 0;
  disorders = 0;
  private readonly socket: Socket;
  private readonly frames = new FrameReader((bytes, start, end, opcode) =>
    this.take(bytes, start, end, opcode),
  );
  private readonly acks = new Map<number, (body: unknown) => void>();
  private seqOffset = 0;
  private lastAck = 0;
  private settle: { ready: () => void; failed: (error: Error) => void } = { ready: noop, failed: noop };

  constructor(private readonly options: LightClientOptions) {
    const { hostname, port } = new URL(options.url);
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
  }

  /** Resolves when the server says `ready`. */
  open(): Promise<void> {
    const { socket } = this;
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${new URL(this.options.url).host}\r\n` +
        `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    return new Promise((resolve, reject) => {
      this.settle = { ready: resolve, failed: reject };
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the server closed a connection')));
      socket.once('data', (first) => this.upgraded(first));
    });
  }

  /** An event with an ack. */
  ask(event: string, payload: object): Promise<unknown> {
    const id = ++this.lastAck;
    this.socket.write(clientFrame(`42${id}${JSON.stringify([event, payload])}`));
    return new Promise((resolve) => this.acks.set(id, resolve));
  }

  close(): void {
    this.socket.removeAllListeners();
    this.socket.on('error', noop);
    this.socket.destroy();
  }

  private upgraded(first: Buffer): void {
    const end = first.indexOf('\r\n\r\n');
    if (end < 0 || !first.toString('latin1', 0, 12).endsWith('101'))
      return this.settle.failed(new Error(`no WebSocket: ${first.toString('latin1', 0, 100)}`));
    this.socket.on('data', (chunk) => this.frames.push(chunk));
    this.socket.write(clientFrame(`40${JSON.stringify({ token: this.options.token })}`));
    if (end + 4 < first.length) this.frames.push(first.subarray(end + 4));
  }

  private take(bytes: Buffer, start: number, end: number, opcode: number): void {
    if (opcode !== 1) return;
    if (bytes[start] === two) {
      this.socket.write(clientFrame('3'));
      return;
    }
    if (bytes[start] !== four) return;
    if (bytes[start + 1] === two) this.hear(bytes, start, end);
    else if (bytes[start + 1] === three) this.acked(bytes.toString('utf8', start + 2, end));
    else if (bytes[start + 1] === four) this.settle.failed(new Error(bytes.toString('utf8', start, end)));
  }

  private hear(bytes: Buffer, start: number, end: number): void {
    // 42["newMessage",{… : the fourth letter of the name tells it from all others.
    if (bytes[start + 7] !== 0x4d) {
      if (bytes.toString('latin1', start, start + 9) === '42["ready') this.settle.ready();
      return;
    }
    const seq = this.seqIn(bytes, start);
    if (this.lastSeq !== 0 && seq !== this.lastSeq + 1) this.disorders++;
    this.lastSeq = seq;
    this.messages++;
    this.options.onMessage?.(bytes, start, end);
  }

  private seqIn(bytes: Buffer, start: number): number {
    let at = start + this.seqOffset;
    // A comma, a quote and an "s" before where the number began last time: it is there again.
    if (bytes[at - 1] !== 0x3a || bytes[at - 5] !== 0x73 || bytes[at - 6] !== 0x22) {
      at = bytes.indexOf(seqKey, start) + seqKey.length;
      this.seqOffset = at - start;
    }
    let seq = 0;
    for (let digit = bytes[at] ?? 0; digit >= zero && digit <= (nine ?? 0); digit = bytes[++at] ?? 0)
      seq = seq * 10 + digit - zero;
    return seq;
  }

  private acked(text: string): void {
    const at = text.indexOf('[');
    const id = Number(text.slice(0, at));
    this.acks.get(id)?.((JSON.parse(text.slice(at)) as unknown[])[0]);
    this.acks.delete(id);
  }
}

function noop(): void {
  // Nothing to do.
}
