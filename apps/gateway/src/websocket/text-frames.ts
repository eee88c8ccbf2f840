import { Frames } from '../core/frames';

/** FIN and opcode text: what a server's unmasked WebSocket text frame begins with. */
const finText = 0x81;

/** A message in parts, so that JSON goes in as it is: what stands before it, the JSON, what stands behind it. */
export type Payload = readonly [before: string, json: string, behind: string];

/** Whole WebSocket text frames, all in one buffer. */
export function textFrames(payloads: readonly Payload[]): Frames {
  const sizes = payloads.map((parts) => parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0));
  const bytes = Buffer.allocUnsafeSlow(sizes.reduce((sum, size) => sum + headerLength(size) + size, 0));
  const ends: number[] = [];
  let offset = 0;
  for (const [index, parts] of payloads.entries()) {
    offset = writeHeader(bytes, offset, sizes[index] ?? 0);
    for (const part of parts) offset += bytes.write(part, offset, 'utf8');
    ends.push(offset);
  }
  return new Frames(bytes, ends);
}

const headerLength = (payload: number): number => (payload < 126 ? 2 : payload < 65536 ? 4 : 10);

function writeHeader(bytes: Buffer, offset: number, payload: number): number {
  bytes[offset] = finText;
  if (payload < 126) {
    bytes[offset + 1] = payload;
    return offset + 2;
  }
  if (payload < 65536) {
    bytes[offset + 1] = 126;
    return bytes.writeUInt16BE(payload, offset + 2);
  }
  bytes[offset + 1] = 127;
  return bytes.writeBigUInt64BE(BigInt(payload), offset + 2);
}
