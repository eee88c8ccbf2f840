import { eventPage } from '@maru/contracts';
import { sql } from '@maru/postgres';
import type { Maru } from '../support/maru';
import type { Bench } from './bench';
import { type CopiedRoom, copyRooms } from './copied-rooms';
import { pageFigures, pageOf } from './history.bench';
import { LogLoad } from './log-load';
import { type LoneMessages, loneMessages } from './lone-messages';
import { makeLongRoom, openChatStore, vacuumEvents } from './long-room';
import { PageReader, type PageTimes } from './page-reader';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

const messages = 20_000_000;
const roomCount = 2000;
/** Of the messages, those of the largest room. */
const shareOfLargest = 0.25;
/** Enough for a page from the middle and for a resume. */
const smallest = 200;
const resumed = 100;

const counted = (count: number) => count.toLocaleString('en-GB');

export const historySizeRow: Row = {
  name: 'history-size',
  about: `${counted(messages)} messages in ${counted(roomCount)} rooms: disk, vacuum, pages, resumes, commits on top of them`,
  measure,
};

interface Commits extends LoneMessages {
  aSecond: number;
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { say } = bench.options;
  return bench.alone({}, async (maru) => {
    const load = new LogLoad(maru.run.brokers);
    await load.start();
    try {
      await load.run(2);
      const empty = await commits(bench, maru, load, 'an empty store');
      const start = performance.now();
      const history = await makeHistory(bench, maru);
      const seconds = (performance.now() - start) / 1000;
      const disk = await diskOf(maru);
      say('vacuum (analyze)');
      const vacuum = await vacuumEvents(maru);
      const reads = await readPages(bench, maru, history);
      const full = await commits(bench, maru, load, 'all of it');
      const loaded = `${counted(history.events)} messages in ${counted(history.rooms.length)} rooms`;
      return [
        once(`${loaded}: copied into the store`, '/s', history.events / seconds),
        once(`${loaded}: rows on disk, each`, 'B', disk.table / history.events),
        once(`${loaded}: indexes on disk, a message`, 'B', disk.indexes / history.events),
        once(`${loaded}: vacuum (analyze) after that`, 's', vacuum),
        ...reads,
        ...commitFigures('on an empty store', empty),
        ...commitFigures(`on ${loaded}`, full),
      ];
    } finally {
      await load.stop();
    }
  });
}

const once = (name: string, unit: string, value: number): Figure => ({ name, unit, ours: spread([value]) });

interface History {
  /** The largest one first. */
  rooms: CopiedRoom[];
  events: number;
  /** Of a member of them all. */
  token: string;
}

async function makeHistory(bench: Bench, maru: Maru): Promise<History> {
  const { say } = bench.options;
  const all = bench.scaled(messages);
  let told = 0;
  const tell = (made: number) => {
    if (made - told < all / 20) return;
    say(`${counted(made)} messages are in the store`);
    told = made;
  };
  const largest = Math.max(1000, Math.round(all * shareOfLargest));
  const model = await makeLongRoom(maru, largest, tell);
  const copies = await copyRooms(
    maru,
    model,
    sizesOf(all - largest, Math.max(10, bench.scaled(roomCount)) - 1, largest),
    (made) => tell(largest + made),
  );
  const [{ email = '', password = '' } = {}] = model.users;
  const { accessToken: token } = await maru.rest().logIn(email, password);
  const rooms = [{ roomId: model.roomId, lastSeq: model.lastSeq }, ...copies];
  return { rooms, token, events: rooms.reduce((sum, { lastSeq }) => sum + lastSeq, 0) };
}

/** So many rooms of about `events` in all, from large to small, as rooms of people are: few are busy. */
function sizesOf(events: number, rooms: number, most: number): number[] {
  const weights = Array.from({ length: rooms }, (_, index) => (index + 1) ** -0.8);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => Math.min(most, Math.max(smallest, Math.round((events * weight) / sum))));
}

async function readPages(bench: Bench, maru: Maru, { rooms, token }: History): Promise<Figure[]> {
  const { seconds } = bench.options;
  const reader = new PageReader(maru.urls[0] ?? '', token);
  const [largest] = rooms as [CopiedRoom];
  const any = () => rooms[Math.floor(Math.random() * rooms.length)] ?? largest;
  const atEnd = ({ roomId, lastSeq }: CopiedRoom) => pageOf(roomId, lastSeq);
  const within = ({ roomId, lastSeq }: CopiedRoom) =>
    pageOf(roomId, lastSeq, Math.floor(lastSeq * (0.4 + Math.random() / 2)));
  const missed = ({ roomId, lastSeq }: CopiedRoom) => ({
    path: `/rooms/${roomId}/events?after=${lastSeq - resumed}&limit=${resumed}`,
    ...{ page: eventPage, first: lastSeq - resumed + 1, size: resumed },
  });
  const asked = {
    'page of 50, largest room, at the end': () => atEnd(largest),
    'page of 50, largest room, in the middle': () => within(largest),
    'page of 50, any room, at the end': () => atEnd(any()),
    'page of 50, any room, in the middle': () => within(any()),
    [`${resumed} missed events, any room`]: () => missed(any()),
  };
  try {
    await reader.read(2, () => atEnd(any()));
    const figures: Figure[] = [];
    for (const [name, next] of Object.entries(asked)) {
      const times = await bench.repeat<PageTimes>(name, () => reader.read(seconds / 2, next));
      figures.push(...pageFigures(name, times));
    }
    return figures;
  } finally {
    reader.close();
  }
}

async function commits(bench: Bench, maru: Maru, load: LogLoad, on: string): Promise<Commits[]> {
  const { seconds } = bench.options;
  return bench.repeat(`commits on ${on}`, async () => {
    const start = performance.now();
    const sent = await load.run(seconds);
    const aSecond = (sent / (performance.now() - start)) * 1000;
    return { aSecond, ...(await loneMessages(maru, seconds / 2)) };
  });
}

function commitFigures(on: string, runs: readonly Commits[]): Figure[] {
  const figure = (name: string, unit: string, of: (run: Commits) => number): Figure => ({
    ...{ name, unit, ours: spread(runs.map(of)) },
  });
  return [
    figure(`committed messages/s ${on}`, '/s', ({ aSecond }) => aSecond),
    ...pageFigures(`one message at a time ${on}, until it is answered`, runs),
    figure(`the same, its commit alone, mean`, 'ms', ({ commitMs }) => commitMs),
  ];
}

/** In bytes, over all partitions. */
async function diskOf(maru: Maru): Promise<{ table: number; indexes: number }> {
  const store = openChatStore(maru);
  const { rows } = await sql<{ table: number; indexes: number }>`
    select sum(pg_table_size(relid))::float8 as table, sum(pg_indexes_size(relid))::float8 as indexes
    from pg_partition_tree('events') where isleaf`
    .execute(store)
    .finally(() => store.destroy());
  return rows[0] ?? { table: 0, indexes: 0 };
}
