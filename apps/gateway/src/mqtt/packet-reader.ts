import { type Packet, parser, type Parser } from 'mqtt-packet';
import { reasons, wrong } from './reasons';

export type Version = 4 | 5;

const none = Buffer.alloc(0);
const maxHeader = 5;

/**
 * Cuts a client's bytes into packets. Each is given to the parser alone and whole, so that none can be read beyond
 * its end, and one that is too large is refused by its header.
 */
export class PacketReader {
  private held = none;
  private from = 0;
  private to = 0;
  private readonly found: Packet[] = [];
  private parser = this.makeParser();

  constructor(private readonly maxBytes: number) {}

  /** From now on packets are read as this version's. */
  speak(version: Version): void {
    this.parser = this.makeParser(version);
  }

  push(chunk: Buffer): void {
    const left = this.to - this.from;
    if (left === 0) this.held = none;
    if (this.held.length < this.to + chunk.length || left === 0) {
      const room = Buffer.allocUnsafe(left === 0 ? chunk.length : 2 * (left + chunk.length));
      this.held.copy(room, 0, this.from, this.to);
      [this.held, this.from, this.to] = [room, 0, left];
    }
    chunk.copy(this.held, this.to);
    this.to += chunk.length;
  }

  /** The next whole packet. @throws Refusal when the bytes are none. */
  next(): Packet | undefined {
    const length = this.lengthOfNext();
    if (length === undefined || this.to - this.from < length) return undefined;
    const packet = this.parse(Buffer.from(this.held.subarray(this.from, this.from + length)));
    this.from += length;
    if (this.from === this.to) [this.held, this.from, this.to] = [none, 0, 0];
    return packet;
  }

  private lengthOfNext(): number | undefined {
    let length = 0;
    for (let at = 1; at < maxHeader; at++) {
      const byte = this.from + at < this.to ? this.held[this.from + at] : undefined;
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * 128 ** (at - 1);
      if (length > this.maxBytes)
        throw wrong(reasons.tooLarge, `A packet has at most ${this.maxBytes} bytes.`);
      if (byte < 0x80) return at + 1 + length;
    }
    throw wrong(reasons.malformed, 'The length of the packet is none.');
  }

  private parse(bytes: Buffer): Packet {
    this.found.length = 0;
    try {
      this.parser.parse(bytes);
    } catch (error) {
      throw wrong(reasons.malformed, `This is no packet: ${(error as Error).message}.`);
    }
    const [packet] = this.found;
    if (packet === undefined) throw wrong(reasons.malformed, 'This is no packet.');
    return packet;
  }

  private makeParser(version?: Version): Parser {
    const made = parser(version === undefined ? {} : { protocolVersion: version });
    made.on('packet', (packet) => this.found.push(packet));
    made.on('error', (error) => {
      throw error;
    });
    return made;
  }
}
