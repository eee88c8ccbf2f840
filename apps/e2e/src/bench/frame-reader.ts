/**
 * Cuts what a WebSocket server sends into frames without copying them: `take` gets the bytes they lie in and
 * where each payload begins and ends. Server frames are not masked; whole messages come in one frame here. A chunk's
 * bytes may be others' after `push`: what is left of it is copied.
 */
export class FrameReader {
  private rest: Buffer | undefined;

  constructor(private readonly take: (bytes: Buffer, start: number, end: number, opcode: number) => void) {}

  push(chunk: Buffer): void {
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (;;) {
      const length = at + 2 <= bytes.length ? (bytes[at + 1] ?? 0) : 0;
      const start = at + (length < 126 ? 2 : length === 126 ? 4 : 10);
      if (start > bytes.length) break;
      const size =
        length < 126
          ? length
          : length === 126
            ? bytes.readUInt16BE(at + 2)
            : Number(bytes.readBigUInt64BE(at + 2));
      if (start + size > bytes.length) break;
      this.take(bytes, start, start + size, (bytes[at] ?? 0) & 0x0f);
      at = start + size;
    }
    this.rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined;
  }
}

/** A masked text frame, as clients must send; the mask is all zeros, which leaves the payload as it is. */
export function clientFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const header = size < 126 ? 2 : 4;
  const frame = Buffer.alloc(header + 4 + size);
  frame[0] = 0x81;
  frame[1] = 0x80 | (size < 126 ? size : 126);
  if (size >= 126) frame.writeUInt16BE(size, 2);
  frame.write(text, header + 4);
  return frame;
}
