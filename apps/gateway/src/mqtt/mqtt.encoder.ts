import { type Encoder, Frames, type ServerEvent } from '../core/frames';
import type { CarriedEvent } from '../core/room-event';
import type { Version } from './packet-reader';
import type { Qos } from './subscriptions';
import { roomEvents, userEvents } from './topics';

/** Goes before a packet of QoS 1 among shared frames: the event's seq, as its packet id is of the connection. */
const mark = 0x00;
export const markBytes = 5;

const userProperty = 0x26;

/** A PUBLISH in parts. An event of a room goes as it is; whatever else says by `event` what it is. */
interface Wire {
  topic: string;
  name: string;
  payload: string;
  /** Of a room's event that is to be acknowledged. */
  seq?: number;
}

function wireOf(event: ServerEvent, qos: Qos, room: boolean): Wire {
  const { name, json } = event;
  if ('seq' in event && 'roomId' in event) {
    const { roomId, seq } = event as CarriedEvent;
    return { topic: roomEvents(roomId), name, payload: json, ...(qos === 1 && { seq }) };
  }
  const payload = `{"event":${JSON.stringify(name)},${json.slice(1)}`;
  if (!room) return { topic: userEvents, name, payload };
  return { topic: roomEvents((JSON.parse(json) as { roomId: string }).roomId), name, payload };
}

/** One object for each version and QoS, as frames are shared by it. Signals go out with QoS 0: nothing of them is kept. */
function makeEncoder(version: Version, qos: Qos, room: boolean): Encoder {
  return {
    encode: (events) => {
      const parts = events.map((event) => publishBytes(version, wireOf(event, qos, room)));
      let end = 0;
      return new Frames(
        Buffer.concat(parts),
        parts.map((part) => (end += part.length)),
      );
    },
  };
}

function publishBytes(version: Version, { topic, name, payload, seq }: Wire): Buffer {
  const [topicBytes, nameBytes] = [Buffer.byteLength(topic), Buffer.byteLength(name)];
  const properties = version === 5 ? 1 + 1 + 2 + 5 + 2 + nameBytes : 0;
  const remaining = 2 + topicBytes + (seq === undefined ? 0 : 2) + properties + Buffer.byteLength(payload);
  const prefix = seq === undefined ? 0 : markBytes;
  const bytes = Buffer.allocUnsafe(prefix + 1 + lengthBytes(remaining) + remaining);
  let at = 0;
  if (seq !== undefined) at = bytes.writeUInt32BE(seq, bytes.writeUInt8(mark));
  at = writeLength(bytes, bytes.writeUInt8(seq === undefined ? 0x30 : 0x32, at), remaining);
  at = writeString(bytes, at, topic);
  if (seq !== undefined) at = bytes.writeUInt16BE(0, at);
  if (version === 5) {
    at = bytes.writeUInt8(userProperty, bytes.writeUInt8(properties - 1, at));
    at = writeString(bytes, writeString(bytes, at, 'event'), name);
  }
  bytes.write(payload, at, 'utf8');
  return bytes;
}

function writeString(bytes: Buffer, at: number, text: string): number {
  const length = bytes.write(text, at + 2, 'utf8');
  bytes.writeUInt16BE(length, at);
  return at + 2 + length;
}

const lengthBytes = (value: number): number =>
  value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;

function writeLength(bytes: Buffer, at: number, value: number): number {
  let left = value;
  do {
    const more = left >= 128 ? 0x80 : 0;
    at = bytes.writeUInt8((left % 128) | more, at);
    left = Math.floor(left / 128);
  } while (left > 0);
  return at;
}

/** For rooms that the client has not subscribed to. */
const nothing = new Frames(Buffer.alloc(0), []);
export const silent: Encoder = { encode: () => nothing };

export const roomEncoders: Record<Version, Record<Qos, Encoder>> = {
  4: { 0: makeEncoder(4, 0, true), 1: makeEncoder(4, 1, true) },
  5: { 0: makeEncoder(5, 0, true), 1: makeEncoder(5, 1, true) },
};
export const userEncoders: Record<Version, Encoder> = {
  4: makeEncoder(4, 0, false),
  5: makeEncoder(5, 0, false),
};

/** A packet cut out of shared frames: what is to be acknowledged has its seq, and its packet id at `idAt`. */
export type Cut =
  { packet: Buffer; seq?: undefined } | { packet: Buffer; seq: number; roomId: string; idAt: number };

const roomAt = 'rooms/'.length;

export function cut(part: Buffer): Cut {
  if (part[0] !== mark) return { packet: part };
  const packet = part.subarray(markBytes);
  let at = 1;
  while (((packet[at] ?? 0) & 0x80) !== 0) at++;
  const topicAt = at + 3;
  const roomId = packet.toString('latin1', topicAt + roomAt, topicAt + roomAt + 36);
  return { packet, seq: part.readUInt32BE(1), roomId, idAt: topicAt + packet.readUInt16BE(topicAt - 2) };
}
