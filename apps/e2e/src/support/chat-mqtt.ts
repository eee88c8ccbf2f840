import { randomUUID } from 'node:crypto';
import { type ClosingCode, closingTable, errorTable } from '@maru/contracts';
import { connect, type IConnackPacket, type IPublishPacket, type Packet } from 'mqtt';
import { askOverRest } from './ask-over-rest';
import type { ChatSocket, SocketEars } from './chat-socket';
import { Rest } from './rest';

/** What a device keeps between its connections. */
export interface DeviceMemory {
  readonly clientId: string;
  /** The server has what it is subscribed to. */
  subscribed: boolean;
  /** The last seq of each room that it has had. */
  readonly last: Map<string, number>;
}
export const newDevice = (): DeviceMemory => ({
  clientId: randomUUID(),
  subscribed: false,
  last: new Map(),
});

const filters = { 'rooms/+/events': { qos: 1 }, 'user/events': { qos: 0 } } as const;

interface Told {
  event?: string;
  roomId: string;
  seq?: number;
  rooms?: Record<string, { seq: number }>;
}
type Properties = Record<string, string | string[]>;
type Settle = (puback: { reasonCode: number; said: Properties } | undefined) => void;

/**
 * The stock mqtt.js over WebSocket, MQTT 5, with a session that is kept: the server knows where it goes on, so it says
 * nothing of what it has. Once it has subscribed it comes anew, as `ready` is told at the beginning of a connection. What it
 * had and did not acknowledge comes again: what is not above the last seq of its room is dropped, as the door's page says.
 * What is no message it asks for over REST.
 */
export function device(url: string, token: string, memory: DeviceMemory, ears: SocketEars): ChatSocket {
  const client = connect(`${url.replace('http', 'ws')}/mqtt`, {
    ...{ protocolVersion: 5, clientId: memory.clientId, username: 'device', password: token },
    ...{ clean: false, properties: { sessionExpiryInterval: 3600 } },
    ...{ reconnectPeriod: 0, connectTimeout: 5000, resubscribe: false },
  });
  /** PUBACKs come in the order of the messages. */
  const waiting: Settle[] = [];
  let why: string | undefined;
  let silent = false;
  const hears = memory.subscribed;
  // What comes before it goes on is neither heard nor acknowledged, so that it comes again.
  if (!hears) client.handleMessage = (_packet, done) => done(new Error('not acknowledged'));
  client.on('error', (error) => (why ??= error.message));
  client.on('connect', ({ sessionPresent }: IConnackPacket) => {
    if (!hears) return subscribe();
    if (sessionPresent) return;
    why = 'the session is gone';
    client.end(true);
  });
  const subscribe = (): void => {
    client.subscribe(filters, (error) => {
      memory.subscribed = error === null;
      why ??= error?.message;
      client.end(true);
    });
  };
  client.on('message', (_topic, payload, packet) => {
    if (hears && !silent) take(packet, JSON.parse(payload.toString()) as Told);
  });
  const take = ({ properties }: IPublishPacket, { event, ...body }: Told): void => {
    const name = event ?? String(properties?.userProperties?.['event']);
    const { roomId, seq, rooms = {} } = body;
    if (event === undefined && seq !== undefined) {
      if (seq <= (memory.last.get(roomId) ?? 0)) return;
      memory.last.set(roomId, seq);
    }
    for (const [id, place] of Object.entries(rooms)) memory.last.set(id, place.seq);
    ears.hear(name, body);
  };
  client.on('packetreceive', (packet: Packet) => {
    if (packet.cmd === 'puback')
      waiting.shift()?.({
        reasonCode: packet.reasonCode ?? 0,
        said: packet.properties?.userProperties ?? {},
      });
    if (packet.cmd === 'connack' && packet.reasonCode !== 0) why = codeOf(packet.properties?.userProperties);
    // Here, as mqtt.js says `connect` some turns later: what came along with the CONNACK would have been heard by then.
    else if (packet.cmd === 'connack' && hears && packet.sessionPresent) ears.connected('kept');
    if (packet.cmd !== 'disconnect') return;
    why = codeOf(packet.properties?.userProperties);
    const closing = closingTable[why as ClosingCode];
    if (hears && !silent && closing) ears.hear('closing', { code: why, reconnect: closing.reconnect });
  });
  client.on('close', () => {
    for (const settle of waiting.splice(0)) settle(undefined);
    if (!silent) ears.over(why ?? 'the connection has ended');
    silent = true;
  });
  const say = ({ roomId, ...message }: { roomId: string }, withinMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no PUBACK in time')), withinMs);
      waiting.push((puback) => {
        clearTimeout(timer);
        if (puback === undefined) reject(new Error('the connection has ended'));
        else resolve(ackOf(puback));
      });
      client.publish(`rooms/${roomId}/messages`, JSON.stringify(message), { qos: 1 }, () => undefined);
    });
  return {
    get connected() {
      return client.connected;
    },
    ask: (event, [payload], withinMs) =>
      event === 'sendMessage'
        ? say(payload as { roomId: string }, withinMs)
        : askOverRest(new Rest(url, withinMs), token, event, payload),
    cut: () => void client.stream.destroy(),
    close: () => {
      silent = true;
      client.end(true);
    },
  };
}

const codeOf = (properties: Properties | undefined): string => String(properties?.['code'] ?? 'no code');

function ackOf({ reasonCode, said }: { reasonCode: number; said: Properties }) {
  if (reasonCode === 0) return { ok: true, seq: Number(said['seq']) };
  const code = codeOf(said);
  const { retryable } = (errorTable as Record<string, { retryable: boolean }>)[code] ?? { retryable: true };
  return { ok: false, error: { code, retryable } };
}
