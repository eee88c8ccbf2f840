import type { RunFile } from '@maru/stack';
import { pause, until } from '../support/until';
import { keepAwake } from './awake';
import type { Bench } from './bench';
import { cpuOfEach, type CpuByName } from './cpu';
import { feed } from './fan-out';
import { MemberProcesses } from './members';
import { barePeer, type Peer, redisMissing, redisPeer } from './peers';
import { cpuFigures, type Figure } from './report';
import type { Row } from './row';
import { Senders } from './senders';
import { spread, TimeHistogram } from './statistics';

export interface LatencyRun {
  p50Ms: number;
  p99Ms: number;
  deliveries: number;
  messagesASecond: number;
  /** CPU a message in ms, of each process of the server by its name. */
  cpuMs: CpuByName;
}

/** Until the just-in-time compilers of Node and Java have seen the way of a message often. */
const warmUpMs = 8000;

const senderCount = 10;
const memberCount = 200;
const rate = 200;
/** The same way where hardly anybody waits for a CPU, or for one to wake up. */
const calmRate = 50;

export const latencyRow: Row = {
  name: 'latency',
  about: `send to delivery, ${rate} and ${calmRate} messages/s to ${memberCount} members, beside Socket.IO with and without Redis`,
  measure,
};

/** From a sender's write to each member's read, of every delivery, at a steady rate; `text` instead of the usual one. */
export async function latency(
  door: { url: string; senderUrl: string; roomId: string; processes: RunFile['processes'] },
  tokens: readonly string[],
  rate: number,
  seconds: number,
  text?: string,
): Promise<LatencyRun> {
  const task = { url: door.url, tokens: tokens.slice(senderCount), stock: 0, latency: true };
  const members = await MemberProcesses.open(task, 1);
  const senders = await Senders.open(door.senderUrl, tokens.slice(0, senderCount), door.roomId, text);
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
    const whole = () => {
      members.mustBeWhole();
      senders.mustBeWhole();
      return members.deliveries + senders.deliveries === senders.sent * tokens.length;
    };
    await until('everybody has every message', whole, 30_000);
    const times = new TimeHistogram();
    times.addAll(await members.takeTimes());
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
  const paced = await measureAt(bench, rate, true);
  return [...paced, ...(await keepAwake(() => measureAt(bench, calmRate, false)))];
}

/** `bound`: the goal and the floor are of this rate. */
async function measureAt(bench: Bench, messagesASecond: number, bound: boolean): Promise<Figure[]> {
  const { tokens, roomId } = await bench.room(memberCount);
  const { urls, run } = await bench.maru();
  const url = urls[0] ?? '';
  const { seconds } = bench.options;
  const [ours, bare, redis]: [LatencyRun[], LatencyRun[], LatencyRun[]] = [[], [], []];
  const missing = redisMissing();
  const against = async (peer: Peer) => {
    try {
      return await latency(peer, tokens, messagesASecond, seconds);
    } finally {
      await peer.close();
    }
  };
  await bench.repeat(`latency, ${messagesASecond} messages/s`, async () => {
    const door = { url, senderUrl: url, roomId, processes: run.processes };
    ours.push(await latency(door, tokens, messagesASecond, seconds));
    bare.push(await against(await barePeer()));
    if (missing === undefined) redis.push(await against(await redisPeer()));
  });
  const all = (of: (run: LatencyRun) => number) => ({
    ours: spread(ours.map(of)),
    bare: spread(bare.map(of)),
    ...(redis.length > 0 && { redis: spread(redis.map(of)) }),
  });
  const name = `send to delivery, ${messagesASecond} messages/s to ${memberCount} members`;
  const cpu = ({ cpuMs }: LatencyRun) => Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
  return [
    {
      name: `${name}, p50`,
      unit: 'ms',
      ...all(({ p50Ms }) => p50Ms),
      ...(bound && { target: { goal: 2, floor: 5 } }),
      ...(missing !== undefined && { note: missing }),
    },
    {
      name: `${name}, p99`,
      unit: 'ms',
      ...all(({ p99Ms }) => p99Ms),
      ...(bound && { target: { goal: 10, floor: 40 } }),
    },
    {
      name: 'CPU a delivery meanwhile, all processes of the server',
      unit: 'µs',
      ...all((run) => (cpu(run) * 1000) / memberCount),
    },
    ...cpuFigures(ours, 'ms'),
  ];
}
