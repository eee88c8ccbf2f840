import type { Maru } from '../support/maru';
import { allowFiles } from './process-limits';
import { type Bench, pidOf } from './bench';
import { Crowd } from './crowd';
import { besideBare, fanOutFigures } from './fan-out';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

const memberCount = 10_000;
/** Fewer than in a smaller room: each is this many deliveries. */
const window = 64;
const mostRuns = 3;

export const bigRoomRow: Row = {
  name: 'bigroom',
  about: `deliveries to one room of ${memberCount} connected members, saturated; how long they take to join`,
  measure: async (bench) => {
    const maru = await bench.maru();
    return Crowd.during(maru, (crowd) => measure(bench, maru, crowd));
  },
};

async function measure(bench: Bench, maru: Maru, crowd: Crowd): Promise<Figure[]> {
  const users = bench.scaled(memberCount, 20);
  allowFiles(pidOf(maru, 'gateway'), users + 1000);
  const joinSeconds: number[] = [];
  const prepare = async () => {
    const start = performance.now();
    const rooms = await crowd.gatherInOne(users);
    joinSeconds.push((performance.now() - start) / 1000);
    return { tokens: await crowd.tokens(), rooms, seconds: bench.options.seconds, window };
  };
  const runs = await besideBare(bench, 'big room', prepare, mostRuns);
  const note = `median of ${runs.ours.length}; users without sign-up`;
  const connected = (side: 'ours' | 'bare') => spread(runs[side].map((run) => run.connectSeconds));
  const [first, ...others] = fanOutFigures(`to ${users} members`, runs);
  return [
    ...(first ? [{ ...first, note }] : []),
    ...others,
    { name: `${users} users join one room`, unit: 's', ours: spread(joinSeconds) },
    {
      name: `${users} members of one room connect`,
      unit: 's',
      ours: connected('ours'),
      bare: connected('bare'),
    },
  ];
}
