import type { RoomEvent } from '@maru/contracts';
import fc from 'fast-check';
import { MaruError } from '../errors';
import { until } from '../testing/answers';
import { defaultTiming } from '../timing';
import { Feed } from './feed';

const roomId = '0190f3a0-0000-7000-8000-000000000001';
const event = (seq: number): RoomEvent => ({
  type: 'message',
  id: `m${seq}`,
  roomId,
  seq,
  messageNo: seq,
  createdAt: new Date(seq * 1000).toISOString(),
  senderId: '0190f3a0-0000-7000-8000-000000000002',
  text: `text ${seq}`,
  kind: 'text',
  metadata: {},
});
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);
const timing = { ...defaultTiming, firstPauseMs: 1, maxPauseMs: 2 };

/** A feed over a room of this many events, that may fail to be read. */
function feedOf(head: number, fails: () => MaruError | undefined = () => undefined) {
  const got: number[] = [];
  const skips: number[] = [];
  const asked: number[] = [];
  const outs: string[] = [];
  const feed = new Feed(roomId, {
    timing,
    fetch: async (_, after) => {
      asked.push(after);
      const error = fails();
      if (error) throw error;
      return range(after + 1, Math.min(head, after + 100)).map(event);
    },
    deliver: ({ seq }) => got.push(seq),
    skipped: (_, seq) => skips.push(seq),
    out: (id) => outs.push(id),
  });
  const settled = async (last: number): Promise<void> => {
    while ((feed.last ?? 0) < last) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { feed, got, skips, asked, outs, settled };
}

describe('a feed', () => {
  it('delivers what comes in order, and drops what it has had', () => {
    const { feed, got, asked } = feedOf(3);
    feed.stand(0, false);
    for (const seq of [1, 2, 2, 1, 3, 3]) feed.take(event(seq));
    expect(got).toEqual([1, 2, 3]);
    expect(asked).toEqual([]);
  });

  it('begins where the connection says that the room stands', () => {
    const { feed, got } = feedOf(9);
    feed.stand(7, false);
    feed.take(event(7));
    feed.take(event(8));
    expect(got).toEqual([8]);
  });

  it('holds what comes behind a gap until the gap is filled, page by page', async () => {
    const { feed, got, asked, settled } = feedOf(250);
    feed.stand(5, false);
    feed.take(event(250));
    expect(got).toEqual([]);
    await settled(250);
    expect(got).toEqual(range(6, 250));
    expect(asked).toEqual([5, 105, 205]);
  });

  it('fills what a reset left out, and tries again until it can', async () => {
    let failures = 3;
    const { feed, got, settled } = feedOf(40, () => (failures-- > 0 ? MaruError.network('away') : undefined));
    feed.stand(10, false);
    feed.stand(40, true);
    await settled(40);
    expect(got).toEqual(range(11, 40));
  });

  it('goes on from the head when too much was missed, and says so', async () => {
    const { feed, got, skips, asked } = feedOf(9000);
    feed.stand(10, false);
    feed.stand(9000, true);
    feed.take(event(9001));
    expect([got, skips, asked]).toEqual([[9001], [9000], []]);
  });

  it('goes on from the head when what was missed is not kept any more, and says so', async () => {
    const { feed, got, skips, asked } = feedOf(20, () => MaruError.from({ code: 'events_forgotten' }));
    feed.stand(10, false);
    feed.take(event(20));
    await until(() => skips.length > 0);
    feed.take(event(21));
    expect([got, skips, asked]).toEqual([[21], [20], [10]]);
  });

  it('goes back with a server that has gone back', () => {
    const { feed, got, skips } = feedOf(20);
    feed.stand(30, false);
    feed.stand(20, true);
    feed.take(event(21));
    expect([got, skips]).toEqual([[21], [20]]);
  });

  it('ends where the user is no member any more, and says so', async () => {
    const { feed, got, asked, outs } = feedOf(20, () => MaruError.from({ code: 'not_a_member' }));
    feed.stand(10, false);
    feed.take(event(15));
    await until(() => outs.length > 0);
    feed.take(event(11));
    expect([got, asked, outs]).toEqual([[], [10], [roomId]]);
  });

  it('ends without a word where its client is closed, or it was let go of', async () => {
    const closed = feedOf(20, () => MaruError.closed());
    const gone: typeof closed = feedOf(20, () => {
      gone.feed.end();
      return MaruError.from({ code: 'not_a_member' });
    });
    for (const { feed, asked, outs } of [closed, gone]) {
      feed.stand(10, false);
      feed.take(event(15));
      await new Promise((resolve) => setImmediate(resolve));
      expect([asked, outs]).toEqual([[10], []]);
    }
  });

  it('delivers each once and in order, whatever comes twice, early or late', async () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(arrivals, async (seqs) => {
        const { feed, got, settled } = feedOf(60);
        feed.stand(0, false);
        for (const seq of seqs) feed.take(event(seq));
        const last = Math.max(0, ...seqs);
        await settled(last);
        expect(got).toEqual(range(1, got.length));
        expect(got.length).toBeGreaterThanOrEqual(last);
      }),
      { numRuns: 60 },
    );
  });
});
