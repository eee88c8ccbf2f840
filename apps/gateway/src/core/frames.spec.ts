import { Batch } from './batch';
import { Bundle } from './bundle';
import { type Encoder, Frames } from './frames';
import { carriedEvent } from './room-event';

/** A protocol whose frame is the JSON and a line break. */
const lines: Encoder = {
  encode(events) {
    const parts = events.map(({ json }) => `${json}\n`);
    let end = 0;
    return new Frames(
      Buffer.from(parts.join('')),
      parts.map((part) => (end += part.length)),
    );
  },
};
const event = (seq: number) =>
  carriedEvent(JSON.stringify({ roomId: 'r', seq, type: 'message', createdAt: '2026-01-01T00:00:00Z' }));
const batch = new Batch(10, [11, 12, 13].map(event), [{ name: 'typing', json: '{"userId":"u"}' }]);
const seqs = (frames: Frames | undefined): string[] =>
  frames === undefined
    ? []
    : Array.from({ length: frames.count }, (_, index) => {
        const { seq, userId } = JSON.parse(frames.part(index).toString()) as {
          seq?: number;
          userId?: string;
        };
        return String(seq ?? userId);
      });

describe('frames', () => {
  it('are cut without being copied', () => {
    const frames = lines.encode([1, 2, 3].map(event));
    const cut = frames.slice(1, 2);
    expect(seqs(cut)).toEqual(['2']);
    expect(cut.bytes.buffer).toBe(frames.bytes.buffer);
    expect(frames.slice(0)).toBe(frames);
  });

  it('are joined in order', () => {
    const joined = Frames.join([lines.encode([1, 2].map(event)), lines.encode([3].map(event))]);
    expect(seqs(joined)).toEqual(['1', '2', '3']);
    expect(seqs(joined.slice(1))).toEqual(['2', '3']);
  });
});

describe('a batch', () => {
  it('is encoded once per protocol', () => {
    expect(batch.frames(lines)).toBe(batch.frames(lines));
    expect(seqs(batch.frames(lines))).toEqual(['11', '12', '13', 'u']);
  });

  it.each([
    [{ after: 0, upTo: Infinity }, ['11', '12', '13', 'u']],
    [{ after: 11, upTo: Infinity }, ['12', '13', 'u']],
    [{ after: 13, upTo: Infinity }, ['u']],
    [{ after: 20, upTo: Infinity }, ['u']],
    [{ after: 10, upTo: 12 }, ['11', '12']],
    [{ after: 12, upTo: 13 }, ['13']],
    [{ after: 12, upTo: 12 }, []],
  ])('is cut to %j', (span, wanted) => {
    expect(seqs(batch.cut(lines, span))).toEqual(wanted);
  });
});

describe('a bundle', () => {
  it('is the same, and joined once, for all who get the same', () => {
    const [a, b] = [lines.encode([event(1)]), lines.encode([event(2)])];
    const root = new Bundle([a]);
    expect(root.frames).toBe(a);
    expect(root.with(b)).toBe(root.with(b));
    expect(root.with(b).frames).toBe(root.with(b).frames);
    expect(seqs(root.with(b).frames)).toEqual(['1', '2']);
  });
});
