import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import WebSocket from 'ws';
import type { HostileFrame, WebSocketDoor } from './frames';

/** So long a gateway may take to answer a ping behind bad frames before it counts as hanging. */
const answerWithinMs = 10_000;
/** Bytes that promise more than they are leave the server waiting: so long is waited for its answer. */
const patienceMs = 30;
const framesAPing = 10;

/** How a client comes in at each door, and what shows that he has been answered. */
const doors: Record<
  WebSocketDoor,
  { path: string; subprotocol?: string; hello: (token: string) => string | Buffer; answered: RegExp }
> = {
  socketio: {
    path: '/socket.io/?EIO=4&transport=websocket',
    hello: (token) => `40${JSON.stringify({ token })}`,
    answered: /^4[04]/,
  },
  ws: {
    path: '/ws',
    hello: (token) => JSON.stringify({ id: 'hello', type: 'connect', token }),
    answered: /^\{"reply"/,
  },
  stomp: {
    path: '/stomp',
    subprotocol: 'v12.stomp',
    hello: (token) => `CONNECT\naccept-version:1.2\ntoken:${token}\n\n\0`,
    answered: /^(CONNECTED|ERROR)/,
  },
  mqtt: {
    path: '/mqtt',
    subprotocol: 'mqtt',
    hello: (token) =>
      generate({
        ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: '' },
        ...{ keepalive: 0, username: 'x', password: Buffer.from(token) },
      }),
    // CONNACK
    answered: /^\x20/,
  },
};

/** One attacker: sends what he is given, comes back whenever he is thrown out, and notes what hangs. */
export class HostileClient {
  connections = 0;
  readonly hangs: string[] = [];
  private readonly sockets = new Map<WebSocketDoor, WebSocket>();
  private sincePing = 0;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async send(frame: HostileFrame): Promise<void> {
    switch (frame.layer) {
      case 'message':
        return this.message(frame.door, frame.data);
      case 'websocket':
        return this.bytes(frame.bytes, true);
      case 'http':
        return this.bytes(frame.bytes, false);
      case 'polling':
        return this.poll(frame.body);
    }
  }

  /** All that was sent has been taken in. */
  async settled(): Promise<void> {
    this.sincePing = 0;
    for (const [door, socket] of this.sockets) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      socket.ping();
      if (!(await heard(socket, ['pong', 'close'], answerWithinMs))) this.hangs.push(`no pong at ${door}`);
    }
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.terminate();
  }

  private async message(door: WebSocketDoor, data: string | Uint8Array): Promise<void> {
    const open = this.sockets.get(door);
    const socket = open?.readyState === WebSocket.OPEN ? open : await this.connect(door);
    socket?.send(data);
    if (++this.sincePing >= framesAPing) await this.settled();
  }

  /** Three of four log in, so that what they send reaches the handlers; the fourth sends before he has. */
  private async connect(door: WebSocketDoor): Promise<WebSocket | undefined> {
    this.connections++;
    this.sockets.get(door)?.terminate();
    const { path, subprotocol, hello, answered } = doors[door];
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}${path}`, subprotocol);
    this.sockets.set(door, socket);
    socket.on('error', () => undefined); // told by what follows: it is closed
    if (!(await heard(socket, ['open', 'close'], answerWithinMs))) this.hangs.push(`no upgrade at ${door}`);
    if (socket.readyState !== WebSocket.OPEN) return undefined;
    if (this.connections % 4 === 0) return socket;
    const accepted = new Promise<boolean>((resolve) => {
      socket.on('message', (data: Buffer) => answered.test(data.toString()) && resolve(true));
      socket.once('close', () => resolve(true));
      setTimeout(() => resolve(false), answerWithinMs).unref();
    });
    socket.send(hello(this.token));
    if (!(await accepted)) this.hangs.push(`no answer to the handshake at ${door}`);
    return socket;
  }

  private async bytes(bytes: Uint8Array, upgraded: boolean): Promise<void> {
    this.connections++;
    const { hostname, port } = new URL(this.url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.on('error', () => undefined); // the server may close it at any moment
    try {
      if (!(await heard(socket, ['connect', 'close'], answerWithinMs))) this.hangs.push('no connection');
      if (upgraded) await this.upgrade(socket);
      socket.write(bytes);
      await heard(socket, ['data', 'close'], patienceMs);
    } finally {
      socket.destroy();
    }
  }

  private async upgrade(socket: Socket): Promise<void> {
    socket.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    if (!(await heard(socket, ['data', 'close'], answerWithinMs))) this.hangs.push('no upgrade');
  }

  private async poll(body: string): Promise<void> {
    this.connections++;
    const at = `${this.url}/socket.io/?EIO=4&transport=polling`;
    const signal = AbortSignal.timeout(answerWithinMs);
    try {
      const opened = await (await fetch(at, { signal })).text();
      const [, sid = ''] = /"sid":"([^"]+)"/.exec(opened) ?? [];
      const answer = await fetch(`${at}&sid=${sid}`, { method: 'POST', body, signal });
      await answer.text();
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') this.hangs.push('no answer to a poll');
    }
  }
}

/** Whether one of these is heard in time. */
async function heard(source: WebSocket | Socket, names: string[], withinMs: number): Promise<boolean> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), withinMs);
  const any = names.map((name) => once(source, name, { signal: over.signal }).then(() => true));
  try {
    return await Promise.any(any);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    over.abort();
    await Promise.allSettled(any);
  }
}
