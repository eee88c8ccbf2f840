import { get, type IncomingMessage } from 'node:http';
import { generate, parser } from 'mqtt-packet';
import { WebSocket } from 'ws';
import { NumberReader } from './number-reader';

/** The doors beside Socket.IO's. */
export const memberDoors = ['ws', 'stomp', 'sse', 'mqtt'] as const;
export type MemberDoor = (typeof memberDoors)[number];

export interface DoorMemberOptions {
  url: string;
  token: string;
  roomId: string;
  onMessage?: (bytes: Buffer, start: number, end: number) => void;
}

const message = Buffer.from('"type":"message"');

/** A member at one of the other doors: counts messages and checks that each has the next seq of the room. */
export class DoorMember {
  messages = 0;
  lastSeq = 0;
  disorders = 0;
  connected = false;
  private readonly seqs = new NumberReader('seq');
  private end: () => void = () => undefined;

  constructor(
    private readonly door: MemberDoor,
    private readonly options: DoorMemberOptions,
  ) {}

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const joined = () => {
        this.connected = true;
        resolve();
      };
      const failed = (error: Error) => {
        this.connected = false;
        reject(error);
      };
      if (this.door === 'sse') this.stream(joined, failed);
      else this.socket(joined, failed);
    });
  }

  close(): void {
    this.connected = false;
    this.end();
  }

  private socket(joined: () => void, failed: (error: Error) => void): void {
    const { path, subprotocol, hello, listen, answered } = dialects[this.door as Exclude<MemberDoor, 'sse'>];
    const socket = new WebSocket(`${this.options.url.replace('http', 'ws')}${path}`, subprotocol, {
      perMessageDeflate: false,
    });
    this.end = () => socket.terminate();
    socket.on('open', () => socket.send(hello(this.options)));
    socket.on('error', failed);
    socket.on('close', (code) => failed(new Error(`closed with ${code}`)));
    let step = 0;
    socket.on('message', (bytes: Buffer) => {
      if (step === 2) return this.hear(bytes);
      if (!answered(bytes, step)) return;
      if (++step === 1 && listen) socket.send(listen(this.options));
      if (step === 1 && !listen) step = 2;
      if (step === 2) joined();
    });
  }

  private stream(joined: () => void, failed: (error: Error) => void): void {
    const headers = { authorization: `Bearer ${this.options.token}` };
    const request = get(
      `${this.options.url}/api/stream`,
      { headers, agent: false },
      (response: IncomingMessage) => {
        let rest: Buffer = Buffer.alloc(0);
        response.on('close', () => failed(new Error('the stream has ended')));
        response.on('data', (chunk: Buffer) => {
          const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
          let from = 0;
          for (let at = bytes.indexOf('\n\n'); at >= 0; at = bytes.indexOf('\n\n', from)) {
            if (this.connected) this.hear(bytes.subarray(from, at));
            else if (bytes.includes('event: ready', from)) joined();
            from = at + 2;
          }
          rest = Buffer.from(bytes.subarray(from));
        });
      },
    );
    request.on('error', failed);
    this.end = () => request.destroy();
  }

  /** One event, or several MQTT packets with one each: only those of messages count. */
  private hear(bytes: Buffer): void {
    for (let at = bytes.indexOf(message); at >= 0; at = bytes.indexOf(message, at + message.length)) {
      const seq = this.seqs.read(bytes, at, bytes.length);
      if (this.lastSeq !== 0 && seq !== this.lastSeq + 1) this.disorders++;
      this.lastSeq = seq;
      this.messages++;
      this.options.onMessage?.(bytes, at, bytes.length);
    }
  }
}

interface Dialect {
  path: string;
  subprotocol?: string;
  hello: (options: DoorMemberOptions) => string | Buffer;
  /** What is sent once the hello was answered. */
  listen?: (options: DoorMemberOptions) => string | Buffer;
  /** Whether this answers the hello (step 0) or the listening (step 1). */
  answered: (bytes: Buffer, step: number) => boolean;
}

const dialects: Record<Exclude<MemberDoor, 'sse'>, Dialect> = {
  ws: {
    path: '/ws',
    hello: ({ token }) => JSON.stringify({ id: 1, type: 'connect', token }),
    answered: (bytes) => bytes.includes('"event":"ready"'),
  },
  stomp: {
    path: '/stomp',
    subprotocol: 'v12.stomp',
    hello: ({ token }) => `CONNECT\naccept-version:1.2\nhost:x\ntoken:${token}\n\n\0`,
    listen: ({ roomId }) => `SUBSCRIBE\nid:sub-0\ndestination:/topic/room/${roomId}\n\n\0`,
    answered: (bytes, step) => bytes.includes(step === 0 ? 'CONNECTED' : 'type:ready'),
  },
  mqtt: {
    path: '/mqtt',
    subprotocol: 'mqtt',
    hello: ({ token }) =>
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: '',
        keepalive: 0,
        username: 'bench',
        password: Buffer.from(token),
      }),
    listen: ({ roomId }) =>
      generate({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: `rooms/${roomId}/events`, qos: 0 }],
      }),
    answered: (bytes, step) => packetsIn(bytes).includes(step === 0 ? 'connack' : 'suback'),
  },
};

function packetsIn(bytes: Buffer): string[] {
  const names: string[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on('packet', ({ cmd }) => names.push(cmd));
  reader.parse(bytes);
  return names;
}
