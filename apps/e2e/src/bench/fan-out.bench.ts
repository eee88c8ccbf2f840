import { pause, until } from '../support/until';
import { type Bench, pidOf } from './bench';
import { cpuOf, cpuOfTrees } from './cpu';
import { MemberProcesses } from './members';
import { barePeer } from './peers';
import type { Figure } from './report';
import type { Row } from './row';
import { Senders } from './senders';
import { spread } from './statistics';

export interface FanOutOptions {
  tokens: readonly string[];
  seconds: number;
  /** Messages that may be under way to the slowest member. */
  window: number;
  /** Messages a second; undefined: as many as the window lets through. */
  rate?: number;
}
export interface FanOutRun {
  deliveriesASecond: number;
  messagesASecond: number;
  /** Of the process that holds the connections. */
  cpuUsPerDelivery: number;
  cpuShare: number;
  /** Of all processes that have a part in it. */
  allCpuUsPerDelivery: number;
}
interface Door {
  url: string;
  roomId: string;
  pid: number;
  groups: readonly number[];
}

const senderCount = 10;
const memberProcesses = 2;
const stockClients = 10;
/** Messages a second at which the bare server still keeps up with a thousand members. */
const pacedRate = 50;

export const fanOutRow: Row = {
  name: 'fanout',
  about: 'deliveries to one room, saturated, beside a bare Socket.IO server',
  measure: (bench) => measure(bench),
};

export const pacedRow: Row = {
  name: 'paced',
  about: `the same at ${pacedRate} messages/s`,
  measure: (bench) => measure(bench, pacedRate),
};

/** Sends to a room of many members through the door and counts what they get, after a warm-up. */
export async function fanOut(door: Door, options: FanOutOptions): Promise<FanOutRun> {
  const { tokens, seconds, window, rate } = options;
  const task = { url: door.url, tokens: tokens.slice(senderCount), stock: stockClients, latency: false };
  const members = await MemberProcesses.open(task, memberProcesses);
  const senders = await Senders.open(door.url, tokens.slice(0, senderCount), door.roomId);
  try {
    senders.send();
    await until('the first message is everywhere', () => members.lowestSeq > 0, 30_000);
    const base = members.lowestSeq - 1;
    const start = performance.now();
    const stop = feed(() => {
      const due = rate === undefined ? Infinity : ((performance.now() - start) / 1000) * rate;
      const open = window - (senders.sent - (members.lowestSeq - base));
      for (let more = Math.min(open, due - senders.sent); more >= 1; more--) senders.send();
    });
    await pause(2000);
    const look = () => ({
      at: performance.now(),
      deliveries: members.deliveries + senders.deliveries,
      sent: senders.acked,
      cpu: cpuOf(door.pid),
      all: cpuOfTrees(door.groups),
    });
    const before = look();
    await pause(seconds * 1000);
    const after = look();
    stop();
    members.mustLive();
    await until('every member has every message', () => members.lowestSeq - base >= senders.sent, 60_000);
    if (members.disorders + senders.refused > 0)
      throw new Error(`${members.disorders} deliveries out of order, ${senders.refused} sends refused`);
    const took = (after.at - before.at) / 1000;
    const deliveries = after.deliveries - before.deliveries;
    return {
      deliveriesASecond: deliveries / took,
      messagesASecond: (after.sent - before.sent) / took,
      cpuUsPerDelivery: ((after.cpu - before.cpu) * 1e6) / deliveries,
      cpuShare: (after.cpu - before.cpu) / took,
      allCpuUsPerDelivery: ((after.all - before.all) * 1e6) / deliveries,
    };
  } finally {
    senders.close();
    await members.close();
  }
}

/** Calls `more` every few ms until it is stopped. */
export function feed(more: () => void): () => void {
  const timer = setInterval(more, 2);
  return () => clearInterval(timer);
}

async function measure(bench: Bench, rate?: number): Promise<Figure[]> {
  const { seconds, window, members } = bench.options;
  const { tokens, roomId } = await bench.room(members);
  const maru = await bench.maru();
  const common = { tokens, seconds, window, ...(rate !== undefined && { rate }) };
  const groups = maru.run.processes.map(({ pid }) => pid);
  const ours = { url: maru.urls[0] ?? '', roomId, pid: pidOf(maru, 'gateway'), groups };
  const [gateway, bare]: [FanOutRun[], FanOutRun[]] = [[], []];
  await bench.repeat(rate === undefined ? 'fan-out' : `fan-out at ${rate} messages/s`, async () => {
    gateway.push(await fanOut(ours, common));
    const door = await barePeer();
    try {
      bare.push(await fanOut({ ...door, groups: [] }, common));
    } finally {
      await door.close();
    }
  });
  const name = rate === undefined ? `to ${members} members` : `to ${members} members, ${rate} messages/s`;
  const both = (key: keyof FanOutRun) => ({
    ours: spread(gateway.map((run) => run[key])),
    bare: spread(bare.map((run) => run[key])),
  });
  const perSecond = (runs: FanOutRun[]) => spread(runs.map((run) => 1e6 / run.cpuUsPerDelivery));
  const ratio = perSecond(gateway).median / perSecond(bare).median;
  return [
    { name: `deliveries/s ${name}`, unit: '/s', ...both('deliveriesASecond') },
    { name: `CPU a delivery ${name}`, unit: 'µs', ...both('cpuUsPerDelivery') },
    {
      name: `deliveries a CPU second ${name}`,
      unit: '/s',
      ours: perSecond(gateway),
      bare: perSecond(bare),
      ratio,
    },
    { name: `share of a CPU ${name}`, unit: '', ...both('cpuShare') },
    {
      name: `CPU a delivery, all of Maru, ${name}`,
      unit: 'µs',
      ours: both('allCpuUsPerDelivery').ours,
    },
  ];
}
