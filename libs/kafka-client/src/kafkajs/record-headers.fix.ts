import Decoder from 'kafkajs/src/protocol/decoder';

/**
 * kafkajs decodes a record's headers into a buffer for each name and value, and copies the object of those so far
 * for each of them: half the time of a record with CloudEvents headers. Headers here are text, so they are read
 * as text, and of one that occurs more than once the last counts. kafkajs only calls `reduce` on the result.
 */
class Headers {
  constructor(private readonly all: Record<string, string>) {}

  reduce(): Record<string, string> {
    return this.all;
  }
}

function text(decoder: Decoder): string | undefined {
  const length = decoder.readVarInt();
  if (length < 0) return undefined;
  const from = decoder.offset;
  decoder.offset += length;
  return decoder.buffer.toString('utf8', from, decoder.offset);
}

/** Only records' headers are such arrays. */
Decoder.prototype.readVarIntArray = function (this: Decoder) {
  const all = Object.create(null) as Record<string, string>; // a header may be called __proto__
  for (let left = this.readVarInt(); left > 0; left--) {
    const [name, value] = [text(this), text(this)];
    if (name !== undefined && value !== undefined) all[name] = value;
  }
  return new Headers(all);
};
