/**
 * Frames of one protocol in one buffer: encoded once, written to any number of connections as it stands.
 * Never changed after it was made; cuts share its memory.
 */
export class Frames {
  /** `ends`: where each frame ends in `bytes`. */
  constructor(
    readonly bytes: Buffer,
    private readonly ends: readonly number[],
  ) {}

  get count(): number {
    return this.ends.length;
  }

  /** The bytes of one frame. */
  part(index: number): Buffer {
    return this.bytes.subarray(this.startOf(index), this.ends[index]);
  }

  /** The frames from `from` up to, not including, `to`. */
  slice(from: number, to = this.count): Frames {
    if (from <= 0 && to >= this.count) return this;
    const start = this.startOf(from);
    const ends = this.ends.slice(from, to).map((end) => end - start);
    return new Frames(this.bytes.subarray(start, start + (ends.at(-1) ?? 0)), ends);
  }

  /** All of `list`, one after the other, in one buffer. */
  static join(list: readonly Frames[]): Frames {
    if (list.length === 1 && list[0]) return list[0];
    const ends: number[] = [];
    let offset = 0;
    for (const frames of list) {
      for (const end of frames.ends) ends.push(offset + end);
      offset += frames.bytes.length;
    }
    return new Frames(Buffer.concat(list.map((frames) => frames.bytes)), ends);
  }

  private startOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] ?? 0);
  }
}

/** What a client is to hear: the event's name on sockets, and its body as JSON. */
export interface ServerEvent {
  name: string;
  json: string;
}

/** Turns server events into the bytes of one protocol. One object a protocol, as frames are shared by it. */
export interface Encoder {
  encode(events: readonly ServerEvent[]): Frames;
}
