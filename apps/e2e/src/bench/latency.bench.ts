import type { RunFile } from '@maru/stack';
import { pause, until } from '../support/until';
import type { Bench } from './bench';
import { cpuOfEach, type CpuByName } from './cpu';
import { bareDoor, feed } from './fan-out.bench';
import { MemberProcesses } from './members';
import { cpuFigures, type Figure } from './report';
import type { Row } from './row';
import { Senders } from './senders';
import { spread, TimeHistogram } from './statistics';

export interface LatencyRun {
  p50Ms: number;
  p99Ms: number;
  deliveries: number;
  messagesASecond: number;
  /** CPU a message in ms, of each process of Maru by its name. */
  cpuMs: CpuByName;
}

/** Until the just-in-time compilers of Node and Java have seen the way of a message often. */
const warmUpMs = 8000;

const senderCount = 10;
const memberCount = 200;
const rate = 200;

export const latencyRow: Row = {
  name: 'latency',
  about: `send to delivery, ${rate} messages/s to ${memberCount} members, beside a bare Socket.IO server`,
  measure,
};

/** From a sender's write to each member's read, of every delivery, at a steady rate. */
export async function latency(
  door: { url: string; roomId: string; processes: RunFile['processes'] },
  tokens: readonly string[],
  rate: number,
  seconds: number,
): Promise<LatencyRun> {
  const task = { url: door.url, tokens: tokens.slice(senderCount), stock: 0, latency: true };
  const members = await MemberProcesses.open(task, 1);
  const senders = await Senders.open(door.url, tokens.slice(0, senderCount), door.roomId);
  try {
    const start = performance.now();
    const stop = feed(() => {
      const due = ((performance.now() - start) / 1000) * rate;
      while (senders.sent < due) senders.send();
    });
    await pause(warmUpMs);
    members.resetTimes();
    const before = senders.sent;
    const cpuMs = cpuOfEach(door.processes);
    await pause(seconds * 1000);
    const messages = senders.sent - before;
    const cpu = cpuMs(messages);
    stop();
    await until(
      'every member has every message',
      () => members.deliveries === senders.sent * task.tokens.length,
      30_000,
    );
    const times = new TimeHistogram();
    times.addAll(await members.takeTimes());
    if (members.disorders + senders.refused > 0) throw new Error('deliveries out of order, or sends refused');
    return {
      p50Ms: times.percentile(0.5),
      p99Ms: times.percentile(0.99),
      deliveries: times.total,
      messagesASecond: messages / seconds,
      cpuMs: cpu,
    };
  } finally {
    senders.close();
    await members.close();
  }
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { tokens, roomId } = await bench.room(memberCount);
  const maru = await bench.maru();
  const { processes } = maru.run;
  const [ours, bare]: [LatencyRun[], LatencyRun[]] = [[], []];
  const { seconds } = bench.options;
  await bench.repeat('latency', async () => {
    ours.push(await latency({ url: maru.urls[0] ?? '', roomId, processes }, tokens, rate, seconds));
    const door = await bareDoor();
    try {
      bare.push(await latency({ ...door, processes: [] }, tokens, rate, seconds));
    } finally {
      await door.close();
    }
  });
  const of = (runs: LatencyRun[], key: 'p50Ms' | 'p99Ms') => spread(runs.map((run) => run[key]));
  const name = `send to delivery, ${rate} messages/s to ${memberCount} members`;
  return [
    { name: `${name}, p50`, unit: 'ms', ours: of(ours, 'p50Ms'), bare: of(bare, 'p50Ms') },
    { name: `${name}, p99`, unit: 'ms', ours: of(ours, 'p99Ms'), bare: of(bare, 'p99Ms') },
    ...cpuFigures(ours, 'ms'),
  ];
}
