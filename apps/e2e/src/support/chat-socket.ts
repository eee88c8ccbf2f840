import type { ErrorBody } from '@maru/contracts';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

/** What is heard of one connection, in order; `over` once, as the last. */
export interface SocketEars {
  /** It is let in, and not `ready` yet. `kept`: the server knows by itself where the client goes on in each room. */
  connected(kept?: 'kept'): void;
  hear(name: string, body: unknown): void;
  /** It has ended or was refused. */
  over(code: string): void;
}

/** One connection over any door that hears all rooms of its user and resumes them at once. */
export interface ChatSocket {
  readonly connected: boolean;
  /** The ack of a client event. @throws Error when none comes in time. */
  ask(event: string, payloads: unknown[], withinMs: number): Promise<unknown>;
  /** Ends the transport under it, as a lost network does. */
  cut(): void;
  /** Ends it; nothing more is heard of it. */
  close(): void;
}

export interface Hello {
  token: string;
  resume?: Record<string, number>;
}

const openWithinMs = 5000;

/** The stock Socket.IO client. */
export function socketIo(url: string, auth: Hello, transports: string[], ears: SocketEars): ChatSocket {
  const socket = io(url, { auth, transports, forceNew: true, reconnection: false, timeout: openWithinMs });
  socket.onAny((name: string, body: unknown) => ears.hear(name, body));
  socket.on('connect', () => ears.connected());
  socket.on('disconnect', (reason) => ears.over(reason));
  socket.on('connect_error', (error: Error & { data?: Partial<ErrorBody> }) =>
    ears.over(error.data?.code ?? error.message),
  );
  return {
    get connected() {
      return socket.connected;
    },
    ask: (event, payloads, withinMs) => socket.timeout(withinMs).emitWithAck(event, ...payloads),
    cut: () => void socket.io.engine.close(),
    close: () => {
      socket.removeAllListeners();
      socket.offAny();
      socket.disconnect();
    },
  };
}

interface Frame {
  reply?: number | string | null;
  event?: string;
  body?: unknown;
  ok?: boolean;
  error?: Partial<ErrorBody>;
}

/** A bare WebSocket client at `/ws`. */
export function plainWebSocket(url: string, hello: Hello, ears: SocketEars): ChatSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { handshakeTimeout: openWithinMs });
  /** By the id of the frame; a message that is sent again meanwhile under its id has the same. */
  const waiting = new Map<number | string, ((frame: Frame | undefined) => void)[]>();
  let refused: string | undefined;
  let asked = 0;
  let silent = false;
  const send = (frame: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  socket.on('error', (error) => (refused ??= error.message));
  socket.on('open', () => send({ id: 0, type: 'connect', ...hello }));
  socket.on('message', (data: Buffer) => {
    if (silent) return;
    const frame = JSON.parse(data.toString()) as Frame;
    if (frame.event !== undefined) return ears.hear(frame.event, frame.body);
    if (frame.reply !== 0) return waiting.get(frame.reply ?? -1)?.shift()?.(frame);
    if (frame.ok === true) ears.connected();
    else refused = frame.error?.code;
  });
  socket.on('close', (code, reason) => {
    for (const queue of waiting.values()) for (const settle of queue) settle(undefined);
    if (!silent) ears.over(refused ?? (reason.toString() || `closed with ${code}`));
    silent = true;
  });
  return {
    get connected() {
      return socket.readyState === WebSocket.OPEN;
    },
    ask: (type, [payload], withinMs) =>
      new Promise((resolve, reject) => {
        // Of a message the frame's id is the message's own.
        const { id, ...rest } = (payload ?? {}) as Record<string, unknown>;
        const name = type === 'sendMessage' && typeof id === 'string' ? id : ++asked;
        const timer = setTimeout(() => reject(new Error('no reply in time')), withinMs);
        const settle = (frame: Frame | undefined) => {
          clearTimeout(timer);
          if (frame === undefined) return reject(new Error('the connection has ended'));
          const { ok, error, ...body } = frame;
          resolve({ ok, ...(error && { error }), ...body });
        };
        const queue = waiting.get(name);
        if (queue) queue.push(settle);
        else waiting.set(name, [settle]);
        send({ id: name, type, ...rest });
      }),
    cut: () => socket.terminate(),
    close: () => {
      silent = true;
      socket.terminate();
    },
  };
}
