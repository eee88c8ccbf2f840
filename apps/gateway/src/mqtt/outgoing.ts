import type { Frames } from '../core/frames';
import { cut } from './mqtt.encoder';

export interface OutgoingRules {
  /** Packets of QoS 1 that may be without their PUBACK at once. */
  window: number;
  /** What the client takes at most; a larger packet is left out, as MQTT 5 has it. */
  maxPacketBytes: number;
  /** The client has had the room's events up to here. */
  acknowledged(roomId: string, seq: number): void;
}

interface Sent {
  roomId: string;
  seq: number;
  done: boolean;
}

const maxPacketId = 65_535;

/**
 * The packets of a connection that has subscribed with QoS 1: cut out of shared frames, given a packet id, and
 * held back while the client has not acknowledged those before. Not kept for a later connection: the store is.
 */
export class Outgoing {
  private readonly waiting: Buffer[] = [];
  private readonly sent = new Map<number, Sent>();
  private lastId = 0;
  /** Bytes that wait for PUBACKs. */
  waitingBytes = 0;

  constructor(private readonly rules: OutgoingRules) {}

  /** @returns what may be written now. */
  add(frames: Frames): Buffer {
    for (let index = 0; index < frames.count; index++) {
      const part = frames.part(index);
      if (part.length === 0) continue;
      this.waiting.push(part);
      this.waitingBytes += part.length;
    }
    return this.release();
  }

  /** @returns what may be written now. */
  acknowledge(packetId: number): Buffer {
    const sent = this.sent.get(packetId);
    if (sent !== undefined) sent.done = true;
    for (const [id, { roomId, seq, done }] of this.sent) {
      if (!done) break;
      this.sent.delete(id);
      this.rules.acknowledged(roomId, seq);
    }
    return this.release();
  }

  private release(): Buffer {
    const out: Buffer[] = [];
    let taken = 0;
    for (const part of this.waiting) {
      const { packet, ...event } = cut(part);
      if (event.seq !== undefined && this.sent.size >= this.rules.window) break;
      taken++;
      this.waitingBytes -= part.length;
      if (packet.length > this.rules.maxPacketBytes) continue;
      out.push(event.seq === undefined ? packet : this.numbered(packet, event));
    }
    this.waiting.splice(0, taken);
    return out.length === 1 && out[0] ? out[0] : Buffer.concat(out);
  }

  private numbered(
    packet: Buffer,
    { roomId, seq, idAt }: { roomId: string; seq: number; idAt: number },
  ): Buffer {
    const own = Buffer.from(packet);
    do this.lastId = (this.lastId % maxPacketId) + 1;
    while (this.sent.has(this.lastId));
    this.sent.set(this.lastId, { roomId, seq, done: false });
    own.writeUInt16BE(this.lastId, idAt);
    return own;
  }
}
