const [zero, nine] = [0x30, 0x39];

/** Reads the number behind a key out of JSON that is not parsed. Looks first where it was the last time. */
export class NumberReader {
  /** Where the number begins, from the start of what was read last. */
  offset = 0;
  private readonly key: Buffer;

  constructor(name: string) {
    this.key = Buffer.from(`"${name}":`);
  }

  /** NaN when it is not there. */
  read(bytes: Buffer, start: number, end: number): number {
    if (!this.isAt(bytes, start + this.offset)) {
      const found = bytes.indexOf(this.key, start);
      if (found < 0 || found >= end) return NaN;
      this.offset = found + this.key.length - start;
    }
    let number = 0;
    for (let at = start + this.offset; at < end; at++) {
      const digit = bytes[at] ?? 0;
      if (digit < zero || digit > nine) break;
      number = number * 10 + digit - zero;
    }
    return number;
  }

  private isAt(bytes: Buffer, at: number): boolean {
    const { key } = this;
    for (let back = 1; back <= key.length; back++)
      if (bytes[at - back] !== key[key.length - back]) return false;
    return true;
  }
}
