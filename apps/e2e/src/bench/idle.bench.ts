import { collectGarbage, inspected, inspectorOf } from '../support/garbage';
import { type Maru } from '../support/maru';
import { pause } from '../support/until';
import { type Bench, pidOf } from './bench';
import { Crowd } from './crowd';
import { MemberProcesses } from './members';
import { barePeer } from './peers';
import { allowFiles, residentKb } from './process-limits';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

interface Door {
  url: string;
  /** The server's process, and where its inspector is. */
  pid: number;
  inspector?: string | undefined;
}
interface IdleRun {
  connectsASecond: number;
  kbAConnection: number;
}

const connections = 9000;
const roomsEach = 5;
const roomSize = 50;
const memberProcesses = 2;
/** Each takes minutes. */
const mostRuns = 3;

export const idleRow: Row = {
  name: 'idle',
  about: `${connections} idle connections that resume in ${roomsEach} rooms each: connects/s, memory of one`,
  measure: (bench) =>
    bench.alone({ envOf: { gateway: inspected } }, (maru) =>
      Crowd.during(maru, (crowd) => measure(bench, maru, crowd)),
    ),
};

/** Connects everybody with their positions; memory of the server's process before and after, garbage gone. */
async function idle(door: Door, crowd: Crowd): Promise<IdleRun> {
  const tokens = await crowd.tokens();
  allowFiles(door.pid, tokens.length + 1000);
  const before = await settledKb(door);
  const task = { url: door.url, tokens, positions: crowd.positions(), stock: 0, latency: false, width: 64 };
  const { members, seconds } = await MemberProcesses.openTimed(task, memberProcesses);
  try {
    const after = await settledKb(door);
    members.mustBeWhole();
    return {
      connectsASecond: tokens.length / seconds,
      kbAConnection: (after - before) / tokens.length,
    };
  } finally {
    await members.close();
  }
}

/**
 * Garbage is collected, not waited for: what is left of the start would go while the connections come, and make them
 * look cheaper. Then once it has not moved by more than a hundredth for 15 s: V8 gives memory back after a while.
 */
async function settledKb({ pid, inspector = '' }: Door): Promise<number> {
  await collectGarbage(inspector);
  let [kb, since] = [residentKb(pid), performance.now()];
  for (const start = since; performance.now() - since < 15_000; await pause(250)) {
    const now = residentKb(pid);
    if (Math.abs(now - kb) > kb / 100) [kb, since] = [now, performance.now()];
    if (performance.now() - start > 180_000) throw new Error(`the memory of process ${pid} does not settle`);
  }
  return residentKb(pid);
}

async function measure(bench: Bench, maru: Maru, crowd: Crowd): Promise<Figure[]> {
  const users = bench.scaled(connections, roomSize);
  await crowd.gather(users, roomsEach, roomSize);
  const [ours, bare]: [IdleRun[], IdleRun[]] = [[], []];
  const gateway = maru.processes.get('gateway');
  const work = async () => {
    // A new process: an older one has memory left over from whatever it did.
    await gateway?.stop();
    await gateway?.start();
    const pid = pidOf(maru, 'gateway');
    ours.push(await idle({ url: maru.urls[0] ?? '', pid, inspector: inspectorOf(pid) }, crowd));
    const peer = await barePeer(inspected);
    try {
      bare.push(await idle(peer, crowd));
    } finally {
      await peer.close();
    }
  };
  const { length: runs } = await bench.repeat('idle connections', work, mostRuns);
  const both = (key: keyof IdleRun) => ({
    ours: spread(ours.map((run) => run[key])),
    bare: spread(bare.map((run) => run[key])),
  });
  const name = `${users} idle connections with resume in ${roomsEach} rooms each`;
  const note = `median of ${runs}; users without sign-up; the bare server joins the rooms and keeps nothing`;
  return [
    { name: `${name}: connects/s`, unit: '/s', ...both('connectsASecond'), note },
    {
      name: `${name}: memory of one`,
      unit: 'KB',
      ...both('kbAConnection'),
      target: { goal: 15, floor: 30 },
    },
  ];
}
