import { messagePage } from '@maru/contracts';
import type { Bench } from './bench';
import { makeLongRoom, vacuumEvents } from './long-room';
import { type Asked, PageReader, type PageTimes } from './page-reader';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

const messages = 5_000_000;
const pageSize = 50;

export const historyRow: Row = {
  name: 'history',
  about: `a page of ${pageSize} over REST, in a room of ${messages.toLocaleString('en-GB')} messages`,
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const { seconds, scale, say } = bench.options;
  const count = Math.max(1000, Math.round(messages * scale));
  return bench.alone({}, async (maru) => {
    const { roomId, lastSeq, users } = await makeLongRoom(maru, count, (made) => {
      if (made % 500_000 < 50_000) say(`${made.toLocaleString('en-GB')} messages are in the store`);
    });
    await vacuumEvents(maru);
    const reader = new PageReader(maru.urls[0] ?? '', users[0]?.token ?? '');
    try {
      const atEnd = () => pageOf(roomId, lastSeq);
      await reader.read(2, atEnd);
      const [end, middle]: [PageTimes[], PageTimes[]] = [[], []];
      await bench.repeat('history', async () => {
        end.push(await reader.read(seconds / 2, atEnd));
        // Anywhere in the middle half, so that a page is not one that was read just now.
        const anywhere = () => Math.floor(lastSeq * (0.25 + Math.random() / 2));
        middle.push(await reader.read(seconds / 2, () => pageOf(roomId, lastSeq, anywhere())));
      });
      const name = `history page of ${pageSize}, ${count.toLocaleString('en-GB')} messages`;
      const target = { goal: 5, floor: 20 };
      return [
        ...pageFigures(`${name}, at the end`, end, target),
        ...pageFigures(`${name}, in the middle`, middle, target),
      ];
    } finally {
      reader.close();
    }
  });
}

/** A page of the room whose last message is at `lastSeq`: the newest, or the one before a seq. */
export function pageOf(roomId: string, lastSeq: number, before?: number): Asked {
  const query = `limit=${pageSize}${before === undefined ? '' : `&before=${before}`}`;
  const first = (before ?? lastSeq + 1) - pageSize;
  return { path: `/rooms/${roomId}/messages?${query}`, page: messagePage, first, size: pageSize };
}

export function pageFigures(
  name: string,
  times: readonly PageTimes[],
  target?: { goal: number; floor: number },
): Figure[] {
  return [
    { name: `${name}, p50`, unit: 'ms', ours: spread(times.map(({ p50Ms }) => p50Ms)) },
    {
      name: `${name}, p99`,
      unit: 'ms',
      ours: spread(times.map(({ p99Ms }) => p99Ms)),
      ...(target && { target }),
    },
  ];
}
