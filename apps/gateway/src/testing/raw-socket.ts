/** A client's text frame of less than 64 KB, with a mask of zeros. */
export function masked(text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.from([0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(body.length, 2);
  return Buffer.concat([header, body]);
}
