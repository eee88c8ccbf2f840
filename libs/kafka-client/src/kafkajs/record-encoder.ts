import type { Message } from 'kafkajs';

/** An encoded varint takes this much at most. */
const VARINT = 5;

/**
 * Records in the log's own format (message format 2), one behind the other:
 * length, attributes, timestamp delta, offset delta, key, value, headers; numbers as zigzag varints.
 * The timestamp is the batch's.
 */
export function encodeRecords(messages: readonly Message[]): Buffer {
  const sizes = messages.map(sizeOf);
  let total = 0;
  for (const size of sizes) total += size + 4 * VARINT;
  const out = Buffer.allocUnsafe(total);
  let at = 0;
  messages.forEach((message, delta) => {
    at = varint(out, at, (sizes[delta] ?? 0) + 2 + varintSize(delta));
    out[at++] = 0;
    out[at++] = 0;
    at = varint(out, at, delta);
    at = bytes(out, at, message.key ?? null);
    at = bytes(out, at, message.value);
    const headers = Object.entries(message.headers ?? {});
    at = varint(out, at, headers.length);
    for (const [name, value] of headers) {
      at = bytes(out, at, name);
      at = bytes(out, at, value as string);
    }
  });
  return out.subarray(0, at);
}

/** Of key, value and headers. */
function sizeOf(message: Message): number {
  let size = bytesSize(message.key ?? null) + bytesSize(message.value);
  let count = 0;
  for (const name in message.headers) {
    size += bytesSize(name) + bytesSize(message.headers[name] as string);
    count += 1;
  }
  return size + varintSize(count);
}

function bytesSize(value: string | Buffer | null): number {
  if (value === null) return 1;
  const length = Buffer.byteLength(value);
  return varintSize(length) + length;
}

function bytes(out: Buffer, at: number, value: string | Buffer | null): number {
  if (value === null) return varint(out, at, -1);
  const length = Buffer.byteLength(value);
  const from = varint(out, at, length);
  if (typeof value === 'string') out.write(value, from, length, 'utf8');
  else value.copy(out, from);
  return from + length;
}

function varint(out: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let to = at;
  while (rest > 0x7f) {
    out[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[to++] = rest;
  return to;
}

function varintSize(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  while (rest > 0x7f) {
    size += 1;
    rest >>>= 7;
  }
  return size;
}
