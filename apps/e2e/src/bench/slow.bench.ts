import { SlowReader } from '../check/faults/slow-reader';
import { eachOf } from '../support/user';
import { type Bench } from './bench';
import { counted } from './counted';
import { latency, type LatencyRun } from './latency.bench';
import { barePeer, type Peer } from './peers';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

type Door = Pick<Peer, 'url' | 'senderUrl' | 'roomId' | 'processes'>;

const memberCount = 200;
const slowCount = memberCount / 10;
const rate = 200;
/** So long that what a connection of loopback holds of its own, some MB, is full before the measuring ends. */
const text = 'x'.repeat(2000);

export const slowRow: Row = {
  name: 'slow',
  about: `send to delivery of the others when ${slowCount} of ${memberCount} read 1 KB/s or nothing`,
  measure,
};

/** Times of the members who read, while the last `slowCount` of all do so slowly, or are not there. */
async function besideSlowOnes(
  door: Door,
  tokens: string[],
  slow: boolean,
  seconds: number,
): Promise<LatencyRun> {
  const open = (token: string, index: number) => SlowReader.open(door.url, token, index % 2 === 0 ? 0 : 1024);
  const readers = await eachOf(slow ? tokens.slice(-slowCount) : [], 4, open);
  try {
    return await latency(door, tokens.slice(0, -slowCount), rate, seconds, text);
  } finally {
    for (const reader of readers) reader.close();
  }
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { tokens, roomId } = await bench.room(memberCount);
  const { urls, run } = await bench.maru();
  const url = urls[0] ?? '';
  const ours = { url, senderUrl: url, roomId, processes: run.processes };
  const { seconds } = bench.options;
  const tooSlow = () => counted(url, 'gateway_closed_total', 'code="too_slow"');
  const ended: number[] = [];
  const without: { ours: LatencyRun[]; bare: LatencyRun[] } = { ours: [], bare: [] };
  const withThem: { ours: LatencyRun[]; bare: LatencyRun[] } = { ours: [], bare: [] };
  await bench.repeat('slow clients', async () => {
    const before = await tooSlow();
    without.ours.push(await besideSlowOnes(ours, tokens, false, seconds));
    withThem.ours.push(await besideSlowOnes(ours, tokens, true, seconds));
    ended.push((await tooSlow()) - before);
    const peer = await barePeer();
    try {
      without.bare.push(await besideSlowOnes(peer, tokens, false, seconds));
      withThem.bare.push(await besideSlowOnes(peer, tokens, true, seconds));
    } finally {
      await peer.close();
    }
  });
  const times = (name: string, runs: typeof without): Figure[] =>
    (['p50Ms', 'p99Ms'] as const).map((key) => ({
      name: `${name}, ${key.slice(0, 3)}`,
      unit: 'ms',
      ours: spread(runs.ours.map((one) => one[key])),
      bare: spread(runs.bare.map((one) => one[key])),
    }));
  const others = `send to delivery, ${rate} messages/s of 2 KB to ${memberCount - slowCount} members`;
  return [
    ...times(others, without),
    ...times(`${others} while ${slowCount} more read 1 KB/s or nothing`, withThem),
    {
      name: 'of these ended as too slow',
      unit: '',
      ours: spread(ended),
    },
  ];
}
