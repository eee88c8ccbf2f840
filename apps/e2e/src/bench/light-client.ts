import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { ReadyRoom } from '@maru/contracts';
import { clientFrame, FrameReader } from './frame-reader';
import { NumberReader } from './number-reader';

const [four, two, three] = ['4', '2', '3'].map((digit) => digit.charCodeAt(0));
/** Between the room's id and its seq: `","seq":`. */
const idToSeq = 8;
const idLength = 36;
/** All of a process read into this one, as each takes what it needs before the next one reads: no stream, no copy. */
const incoming = Buffer.alloc(1 << 16);

export interface LightClientOptions {
  url: string;
  token: string;
  /**
   * The last seq it has of each of its rooms: sent as `resume`, checked and kept up to date; nothing but messages may
   * happen there. Left out: it is in one room, and begins where that stands.
   */
  positions?: Map<string, number>;
  /** Called for each newMessage, with the bytes that it lies in. */
  onMessage?: (bytes: Buffer, start: number, end: number) => void;
}

/**
 * A Socket.IO client on WebSocket that only looks at what it must, so that thousands of them leave the machine
 * to the server: counts messages and checks that each has the next seq of its room.
 */
export class LightClient {
  messages = 0;
  lastSeq = 0;
  /** Deliveries that were not the next of their room, and rooms that `ready` says stand elsewhere. */
  disorders = 0;
  /** From `ready` to the end of the connection. */
  connected = false;
  /** What the server said when it ended the connection. */
  closing: string | undefined;
  private socket: Socket | undefined;
  private frames = new FrameReader(noop);
  private readonly acks = new Map<number, (body: unknown) => void>();
  private readonly seqs = new NumberReader('seq');
  private lastAck = 0;
  private settle: { ready: () => void; failed: (error: Error) => void } = { ready: noop, failed: noop };

  constructor(private readonly options: LightClientOptions) {}

  /** The last seq it has of each of its rooms, when it was given some. */
  get positions(): ReadonlyMap<string, number> | undefined {
    return this.options.positions;
  }

  /** Connects; resolves when the server says `ready`. One with positions may come back by it, with those it has. */
  open(): Promise<void> {
    const { hostname, port, host } = new URL(this.options.url);
    this.frames = new FrameReader((bytes, start, end, opcode) => this.take(bytes, start, end, opcode));
    let heard = (bytes: Buffer): void => {
      heard = (more) => this.frames.push(more);
      this.upgraded(socket, bytes);
    };
    const callback = (size: number) => {
      if (!socket.destroyed) heard(incoming.subarray(0, size));
      return true;
    };
    const socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: { buffer: incoming, callback },
      ...fromSource(hostname),
    });
    this.socket = socket;
    this.closing = undefined;
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\n` +
        `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    return new Promise((resolve, reject) => {
      this.settle = { ready: resolve, failed: reject };
      socket.on('error', reject);
      socket.once('close', () => {
        // An earlier connection may end after the next has begun.
        if (this.socket === socket) this.connected = false;
        reject(new Error(`the server closed a connection (${this.closing ?? 'without a word'})`));
      });
    });
  }

  /** An event with an ack. */
  ask(event: string, payload: object): Promise<unknown> {
    const id = ++this.lastAck;
    this.socket?.write(clientFrame(`42${id}${JSON.stringify([event, payload])}`));
    return new Promise((resolve) => this.acks.set(id, resolve));
  }

  close(): void {
    this.connected = false;
    this.socket?.on('error', noop);
    this.socket?.destroy();
  }

  private upgraded(socket: Socket, first: Buffer): void {
    const end = first.indexOf('\r\n\r\n');
    if (end < 0 || !first.toString('latin1', 0, 12).endsWith('101'))
      return this.settle.failed(new Error(`no WebSocket: ${first.toString('latin1', 0, 100)}`));
    const { token, positions } = this.options;
    const resume = positions && positions.size > 0 ? { resume: Object.fromEntries(positions) } : {};
    socket.write(clientFrame(`40${JSON.stringify({ token, ...resume })}`));
    if (end + 4 < first.length) this.frames.push(first.subarray(end + 4));
  }

  private take(bytes: Buffer, start: number, end: number, opcode: number): void {
    if (opcode !== 1) return;
    if (bytes[start] === two) {
      this.socket?.write(clientFrame('3'));
      return;
    }
    if (bytes[start] !== four) return;
    if (bytes[start + 1] === two) this.hear(bytes, start, end);
    else if (bytes[start + 1] === three) this.acked(bytes.toString('utf8', start + 2, end));
    else if (bytes[start + 1] === four) this.settle.failed(new Error(bytes.toString('utf8', start, end)));
  }

  private hear(bytes: Buffer, start: number, end: number): void {
    // 42["newMessage",{… : the fourth letter of the name tells it from all others.
    if (bytes[start + 7] !== 0x4d) return this.hearOther(bytes.toString('utf8', start + 2, end));
    const seq = this.seqs.read(bytes, start, end);
    const { positions, onMessage } = this.options;
    if (positions) {
      const idEnd = start + this.seqs.offset - idToSeq;
      const roomId = bytes.toString('latin1', idEnd - idLength, idEnd);
      if (positions.get(roomId) !== seq - 1) this.disorders++;
      positions.set(roomId, seq);
    } else {
      if (this.lastSeq !== 0 && seq !== this.lastSeq + 1) this.disorders++;
      this.lastSeq = seq;
    }
    this.messages++;
    onMessage?.(bytes, start, end);
  }

  private hearOther(text: string): void {
    const [event, body] = JSON.parse(text) as [string, object];
    if (event === 'ready') this.begin((body as { rooms: Record<string, ReadyRoom> }).rooms);
    else if (event === 'closing') this.closing = (body as { code: string }).code;
  }

  /** What was missed came before `ready`, so each room stands where the client has it. */
  private begin(rooms: Record<string, ReadyRoom>): void {
    const { positions } = this.options;
    if (positions) {
      for (const roomId of positions.keys()) if (rooms[roomId] === undefined) this.disorders++;
      for (const [roomId, room] of Object.entries(rooms)) {
        const resumed = 'reset' in room && !room.reset;
        if (!resumed || room.seq !== (positions.get(roomId) ?? room.seq)) this.disorders++;
        positions.set(roomId, room.seq);
      }
    }
    this.connected = true;
    this.settle.ready();
  }

  private acked(text: string): void {
    const at = text.indexOf('[');
    const id = Number(text.slice(0, at));
    this.acks.get(id)?.((JSON.parse(text.slice(at)) as unknown[])[0]);
    this.acks.delete(id);
  }
}

let opened = 0;

/** One address has 28,000 ports; all of 127.0.0.0/8 is this machine, on Linux. */
function fromSource(hostname: string): { localAddress?: string } {
  if (process.platform !== 'linux' || hostname !== '127.0.0.1') return {};
  return { localAddress: `127.0.0.${2 + (opened++ % 30)}` };
}

function noop(): void {
  // Nothing to do.
}
