import { type Encoder, Frames } from '../core/frames';

/** Server-sent events. Names are ours and JSON holds no line break, so nothing that a user writes begins a line. */
export const sseEncoder: Encoder = {
  encode(events) {
    const blocks = events.map(({ name, json }) => Buffer.from(`event: ${name}\ndata: ${json}\n\n`));
    let end = 0;
    return new Frames(
      Buffer.concat(blocks),
      blocks.map(({ length }) => (end += length)),
    );
  },
};
