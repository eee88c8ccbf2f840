import type { ClosingCode, ServerEvents } from '@maru/contracts';
import { device, newDevice } from './chat-mqtt';
import { type ChatSocket, plainWebSocket, type SocketEars, socketIo } from './chat-socket';
import { stompSocket } from './chat-stomp';
import { eventStream } from './chat-stream';
import { pause } from './until';

export type Door = 'websocket' | 'polling' | 'ws' | 'sse' | 'stomp' | 'mqtt';

export interface LinkOptions {
  /** Gateways: the first is tried first, after that each in turn. */
  urls: readonly string[];
  /** Socket.IO over one of its transports, the plain door `/ws`, STOMP, MQTT, or a stream of server-sent events. */
  door?: Door;
  /** What the handshake says, asked for anew at each connect. */
  auth: () => { token: string; resume?: Record<string, number> };
  hear: (name: string, body: unknown) => void;
  /** Called when a connection is there, before anything is heard on it. */
  connected: SocketEars['connected'];
  /** Called when the token was not taken; the next connect comes after it. */
  renew: () => Promise<void>;
  /** From 0 to below 1: how long it stays away before it comes back. */
  random?: () => number;
}

const staleToken = ['unauthenticated', 'token_expired'];

/** Keeps a client connected: comes back by itself, to the next gateway, until told to stay away. */
export class ChatLink {
  /** Why connections ended or were refused, in order. */
  readonly endings: string[] = [];
  private socket: ChatSocket | undefined;
  private readonly stream = { lastId: '' };
  private readonly device = newDevice();
  private wanted = false;
  private isReady = false;
  private attempts = 0;
  /** Counts the calls of `start()`: a stay that was stopped while it paused does not go on beside the next. */
  private stay = 0;
  /** Settles the connection that is there. */
  private ended: (code: string) => void = () => undefined;
  private waiting: ((socket: ChatSocket | undefined) => void)[] = [];

  constructor(private readonly options: LinkOptions) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.keepConnected(++this.stay);
  }

  /** Ends the connection; it stays away until `start()`. */
  stop(): void {
    this.wanted = false;
    this.socket?.close();
    this.ended('stopped');
    this.give(undefined);
  }

  /** Cuts the transport under the connection, as a lost network does; it comes back by itself. */
  cut(): void {
    this.socket?.cut();
  }

  /** The socket once it is `ready`; undefined when that does not come in time, or it was stopped. */
  online(withinMs: number): Promise<ChatSocket | undefined> {
    if (this.isReady && this.socket?.connected === true) return Promise.resolve(this.socket);
    if (!this.wanted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), withinMs);
      this.waiting.push((socket) => {
        clearTimeout(timer);
        resolve(socket);
      });
    });
  }

  private async keepConnected(stay: number): Promise<void> {
    let failures = 0;
    while (this.wanted && stay === this.stay) {
      const { code, wasReady, comeBack } = await this.connectOnce();
      this.endings.push(code);
      if (!comeBack) this.wanted = false;
      if (!this.wanted) break;
      failures = wasReady ? 0 : failures + 1;
      if (staleToken.includes(code)) await this.options.renew().catch(() => undefined);
      const { random = Math.random } = this.options;
      await pause(Math.min(50 * 2 ** failures, 1000) * (0.5 + random()));
    }
    if (stay === this.stay) this.give(undefined);
  }

  private connectOnce(): Promise<{ code: string; wasReady: boolean; comeBack: boolean }> {
    const { urls, door = 'websocket', hear, connected } = this.options;
    const url = urls[this.attempts++ % urls.length] ?? '';
    return new Promise((resolve) => {
      let closing: ServerEvents['closing'] | undefined;
      const over = (code: string): void => {
        const wasReady = this.isReady;
        this.isReady = false;
        this.ended = () => undefined;
        socket.close();
        const expired: ClosingCode = 'token_expired';
        const comeBack = closing?.reconnect ?? true;
        resolve({ code: closing?.code ?? code, wasReady, comeBack: comeBack || closing?.code === expired });
      };
      this.ended = over;
      const ears = {
        connected,
        hear: (name: string, body: unknown) => {
          if (name === 'closing') closing = body as ServerEvents['closing'];
          hear(name, body);
          if (name === 'ready') this.give(socket);
        },
        over: (code: string) => {
          if (code === 'session_ended') this.wanted = false;
          over(code);
        },
      };
      const socket = this.open(door, url, ears);
      this.socket = socket;
    });
  }

  private open(door: Door, url: string, ears: SocketEars): ChatSocket {
    const hello = this.options.auth();
    if (door === 'ws') return plainWebSocket(url, hello, ears);
    if (door === 'stomp') return stompSocket(url, hello, ears);
    if (door === 'mqtt') return device(url, hello.token, this.device, ears);
    if (door === 'sse') return eventStream(url, hello, this.stream, ears);
    return socketIo(url, hello, [door], ears);
  }

  private give(socket: ChatSocket | undefined): void {
    this.isReady = socket !== undefined;
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve(socket);
  }
}
