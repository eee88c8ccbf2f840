import { Client, type IMessage, type StompHeaders } from '@stomp/stompjs';
import type { ErrorBody, ReadyRoom } from '@maru/contracts';
import { WebSocket } from 'ws';
import type { ChatSocket, Hello, SocketEars } from './chat-socket';

type Rooms = Record<string, ReadyRoom>;
type Ack = { ok: true; [field: string]: unknown } | { ok: false; error: Partial<ErrorBody> };

/**
 * The stock @stomp/stompjs. Each room that it had has a subscription with its last seq, all others come by
 * `/user/queue/events`. When every subscription has said where it stands, that is one `ready`, as at other doors.
 */
export function stompSocket(url: string, { token, resume = {} }: Hello, ears: SocketEars): ChatSocket {
  let socket: WebSocket | undefined;
  let refused: string | undefined;
  let silent = false;
  const client = new Client({
    webSocketFactory: () => (socket = new WebSocket(`${url.replace('http', 'ws')}/stomp`, 'v12.stomp')),
    connectHeaders: { Authorization: `Bearer ${token}` },
    connectionTimeout: 5000,
    reconnectDelay: 0,
  });
  const rooms = new OpeningRooms(Object.keys(resume), (name, body) => silent || ears.hear(name, body));
  const waiting = new Map<string, (ack: Ack) => void>();
  client.onConnect = () => {
    ears.connected();
    client.subscribe('/user/queue/errors', ({ headers, body }) => {
      waiting.get(headers['receipt-id'] ?? '')?.({ ok: false, error: JSON.parse(body) as ErrorBody });
    });
    for (const [roomId, seq] of Object.entries(resume)) {
      const headers = { 'last-seq': String(seq) };
      client.subscribe(`/topic/room/${roomId}`, (message) => rooms.hear(roomId, message), headers);
    }
    client.subscribe('/user/queue/events', (message) => rooms.hear(undefined, message));
  };
  client.onStompError = ({ headers }) => {
    refused = headers['code'];
    const reconnect = headers['reconnect'];
    if (reconnect !== undefined && !silent)
      ears.hear('closing', { code: refused, reconnect: reconnect === 'true' });
  };
  client.onWebSocketClose = ({ code, reason }: { code: number; reason: string }) => {
    for (const settle of waiting.values()) settle({ ok: false, error: { retryable: true } });
    if (!silent) ears.over(refused ?? (reason || `closed with ${code}`));
    silent = true;
  };
  client.activate();
  let asked = 0;
  return {
    get connected() {
      return client.connected && socket?.readyState === WebSocket.OPEN;
    },
    ask: (event, [payload], withinMs) =>
      new Promise<Ack>((resolve, reject) => {
        const receipt = `r${++asked}`;
        const timer = setTimeout(() => reject(new Error('no receipt in time')), withinMs);
        waiting.set(receipt, (ack) => {
          clearTimeout(timer);
          waiting.delete(receipt);
          if (ack.ok || ack.error.code !== undefined) resolve(ack);
          else reject(new Error('the connection has ended'));
        });
        client.watchForReceipt(receipt, ({ headers }) =>
          waiting.get(receipt)?.({ ok: true, ...outcomeIn(headers) }),
        );
        client.publish({ ...sendOf(event, payload as Payload), headers: { receipt } });
      }),
    cut: () => socket?.terminate(),
    close: () => {
      silent = true;
      void client.deactivate({ force: true });
    },
  };
}

interface Payload {
  roomId: string;
  [field: string]: unknown;
}

function sendOf(event: string, { roomId, ...rest }: Payload): { destination: string; body: string } {
  const to = `/app/room/${roomId}`;
  if (event === 'read' || event === 'typing')
    return { destination: `${to}/${event}`, body: JSON.stringify(rest) };
  const type = { joinRoom: 'ENTER', leaveRoom: 'LEAVE' }[event] ?? 'TALK';
  return { destination: to, body: JSON.stringify({ type, ...rest }) };
}

const outcomeIn = (headers: StompHeaders) => ({
  seq: Number(headers['seq']),
  readSeq: Number(headers['read-seq']),
  ...(headers['duplicate'] === 'true' && { duplicate: true }),
});

/** Puts what the subscriptions say together: missed events at once, then one `ready`, then what came meanwhile. */
class OpeningRooms {
  private readonly open: Set<string>;
  private readonly places: Rooms = {};
  private others: Rooms | undefined;
  private meanwhile: [string, unknown][] | undefined = [];

  constructor(
    resumed: string[],
    private readonly tell: (name: string, body: unknown) => void,
  ) {
    this.open = new Set(resumed);
  }

  hear(roomId: string | undefined, { headers, body: json }: IMessage): void {
    const name = headers['type'] ?? '';
    const body = JSON.parse(json) as { rooms: Rooms };
    if (name === 'ready') return this.stands(roomId, body.rooms);
    const missed = roomId !== undefined && this.open.has(roomId);
    if (this.meanwhile && !missed) this.meanwhile.push([name, body]);
    else this.tell(name, body);
  }

  private stands(roomId: string | undefined, rooms: Rooms): void {
    if (roomId === undefined) this.others = rooms;
    else {
      Object.assign(this.places, rooms);
      this.open.delete(roomId);
    }
    if (this.others === undefined || this.open.size > 0 || !this.meanwhile) return;
    this.tell('ready', { rooms: { ...this.others, ...this.places } });
    for (const [name, body] of this.meanwhile) this.tell(name, body);
    this.meanwhile = undefined;
  }
}
