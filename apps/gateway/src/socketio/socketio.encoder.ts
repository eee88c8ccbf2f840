import { type Encoder, Frames, type ServerEvent } from '../core/frames';

/** FIN and opcode text: what a server's unmasked WebSocket text frame begins with. */
const finText = 0x81;
const prefixes = new Map<string, string>();

/** An Engine.IO message (4) that is a Socket.IO event (2) of the main namespace. */
function prefixOf(name: string): string {
  let prefix = prefixes.get(name);
  if (prefix === undefined) prefixes.set(name, (prefix = `42[${JSON.stringify(name)},`));
  return prefix;
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

/**
 * Socket.IO events as whole WebSocket frames, all in one buffer, made around the JSON as it is: never parsed and
 * encoded again. For polling the packet is cut out of its frame.
 */
export const socketIoEncoder: Encoder = {
  encode(events: readonly ServerEvent[]): Frames {
    const payloads = events.map(({ name, json }) => prefixOf(name).length + Buffer.byteLength(json) + 1);
    const size = payloads.reduce((sum, payload) => sum + headerLength(payload) + payload, 0);
    const bytes = Buffer.allocUnsafeSlow(size);
    const ends: number[] = [];
    let offset = 0;
    for (const [index, { name, json }] of events.entries()) {
      offset = writeHeader(bytes, offset, payloads[index] ?? 0);
      offset += bytes.write(prefixOf(name), offset, 'latin1');
      offset += bytes.write(json, offset, 'utf8');
      bytes[offset++] = 0x5d; // ]
      ends.push(offset);
    }
    return new Frames(bytes, ends);
  },
};

/** The Socket.IO packet of a frame made above, without Engine.IO's own `4`, which the engine puts before it. */
export function packetOf(frame: Buffer): string {
  const length = frame[1] ?? 0;
  const header = length < 126 ? 2 : length === 126 ? 4 : 10;
  return frame.toString('utf8', header + 1);
}
