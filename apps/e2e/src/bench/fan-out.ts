import { pause, until } from '../support/until';
import { type Bench, pidOf } from './bench';
import { cpuOf, cpuOfTrees } from './cpu';
import type { MemberDoor } from './door-member';
import { MemberProcesses } from './members';
import { barePeer } from './peers';
import type { Figure } from './report';
import { Senders } from './senders';
import { spread, TimeHistogram } from './statistics';

export interface FanOutOptions {
  tokens: readonly string[];
  /** The room that all of them are in, or many rooms of the same size. */
  rooms: string | ManyRooms;
  seconds: number;
  /** Messages that may be under way to the slowest member. */
  window: number;
  /** Messages a second; undefined: as many as the window lets through. */
  rate?: number;
  /** Where the members of Maru's one room come in; Socket.IO's when left out. */
  door?: MemberDoor;
}
export interface ManyRooms {
  /** Of each user in the order of the tokens, the last seq of each of his rooms. */
  positions: [string, number][][];
  size: number;
  /** The first so many users send: together they are in all rooms. */
  senders: number;
}
export interface FanOutRun {
  /** From the first connect of those who only listen until all of them are in their rooms. */
  connectSeconds: number;
  deliveriesASecond: number;
  /** Of the process that holds the connections. */
  cpuUsPerDelivery: number;
  cpuShare: number;
  /** Of all processes that have a part in it. */
  allCpuUsPerDelivery: number;
  /** From send to delivery; with a rate. */
  p50Ms: number;
  p99Ms: number;
}
interface Door {
  url: string;
  pid: number;
  groups: readonly number[];
}

const sendersOfOneRoom = 10;
const memberProcesses = 2;
const stockClients = 10;
/** Saturated it is soon warm; for times, both just-in-time compilers must have seen the way of a message often. */
const warmUpMs = { saturated: 2000, paced: 8000 };

/** Sends through the door and counts what everybody gets, after a warm-up. */
export async function fanOut(door: Door, options: FanOutOptions): Promise<FanOutRun> {
  const { tokens, rooms, seconds, window, rate } = options;
  const { members, senders, connectSeconds } = await open(door.url, options);
  try {
    const copies = typeof rooms === 'string' ? tokens.length : rooms.size;
    const total = () => members.deliveries + senders.deliveries;
    senders.send();
    await until('the first message is everywhere', () => total() === copies, 30_000);
    const base = members.lowestSeq - 1;
    const everywhere = () =>
      typeof rooms === 'string' ? members.lowestSeq - base : Math.floor(total() / copies);
    const start = performance.now();
    const stop = feed(() => {
      const due = rate === undefined ? Infinity : ((performance.now() - start) / 1000) * rate;
      const open = window - (senders.sent - everywhere());
      for (let more = Math.min(open, due - senders.sent); more >= 1; more--) senders.send();
    });
    await pause(rate === undefined ? warmUpMs.saturated : warmUpMs.paced);
    members.resetTimes();
    const look = () => ({
      at: performance.now(),
      deliveries: total(),
      cpu: cpuOf(door.pid),
      all: cpuOfTrees(door.groups),
    });
    const before = look();
    await pause(seconds * 1000);
    const after = look();
    stop();
    const missing = () =>
      `every member has every message (${total()} of ${senders.sent * copies} deliveries)`;
    const whole = () => {
      members.mustBeWhole();
      senders.mustBeWhole();
      return total() >= senders.sent * copies;
    };
    await until(missing, whole, 60_000);
    if (total() !== senders.sent * copies) throw new Error(`more than was sent: ${missing()}`);
    const took = (after.at - before.at) / 1000;
    const deliveries = after.deliveries - before.deliveries;
    const times = new TimeHistogram();
    if (rate !== undefined) times.addAll(await members.takeTimes());
    return {
      connectSeconds,
      deliveriesASecond: deliveries / took,
      cpuUsPerDelivery: ((after.cpu - before.cpu) * 1e6) / deliveries,
      cpuShare: (after.cpu - before.cpu) / took,
      allCpuUsPerDelivery: ((after.all - before.all) * 1e6) / deliveries,
      p50Ms: times.percentile(0.5),
      p99Ms: times.percentile(0.99),
    };
  } finally {
    senders.close();
    await members.close();
  }
}

async function open(url: string, { tokens, rooms, rate, door }: FanOutOptions) {
  const many = typeof rooms === 'string' ? undefined : rooms;
  const sending = many?.senders ?? sendersOfOneRoom;
  const task = {
    url,
    tokens: tokens.slice(sending),
    ...(many && { positions: many.positions.slice(sending) }),
    stock: many || door ? 0 : stockClients,
    latency: rate !== undefined,
    ...(door && typeof rooms === 'string' && { at: { door, roomId: rooms } }),
  };
  const { members, seconds } = await MemberProcesses.openTimed(task, memberProcesses);
  try {
    const roomsOfSenders = typeof rooms === 'string' ? rooms : rooms.positions;
    const senders = await Senders.open(url, tokens.slice(0, sending), roomsOfSenders);
    return { members, senders, connectSeconds: seconds };
  } catch (error) {
    await members.close();
    throw error;
  }
}

/** Calls `more` every few ms until it is stopped. */
export function feed(more: () => void): () => void {
  const timer = setInterval(more, 2);
  return () => clearInterval(timer);
}

/** Runs of the gateway and of a bare server, in turn; `options` are asked for before each pair. */
export async function besideBare(
  bench: Bench,
  what: string,
  options: () => Promise<FanOutOptions>,
  atMost?: number,
): Promise<Record<'ours' | 'bare', FanOutRun[]>> {
  const maru = await bench.maru();
  const runs: Record<'ours' | 'bare', FanOutRun[]> = { ours: [], bare: [] };
  const groups = maru.run.processes.map(({ pid }) => pid);
  const gateway = { url: maru.urls[0] ?? '', pid: pidOf(maru, 'gateway'), groups };
  const pair = async () => {
    const asked = await options();
    runs.ours.push(await fanOut(gateway, asked));
    const peer = await barePeer();
    const rooms = typeof asked.rooms === 'string' ? peer.roomId : asked.rooms;
    try {
      const same = { ...asked };
      delete same.door;
      runs.bare.push(await fanOut({ ...peer, groups: [] }, { ...same, rooms }));
    } finally {
      await peer.close();
    }
  };
  await bench.repeat(what, pair, atMost);
  return runs;
}

/** Who did not get to the deliveries a second that were asked for, if anybody: his times are not those of the rate. */
export function behindNote(
  { ours, bare }: Record<'ours' | 'bare', FanOutRun[]>,
  asked: number,
  window: number,
): string | undefined {
  const behind = (runs: FanOutRun[]) =>
    runs.some(({ deliveriesASecond }) => deliveriesASecond < 0.95 * asked);
  const who = [...(behind(ours) ? ['Maru'] : []), ...(behind(bare) ? ['the bare server'] : [])];
  if (who.length === 0) return undefined;
  return `not kept up with by ${who.join(' and ')}: times there are those of ${window} messages under way`;
}

/** The lines of the table; those of times when there was a rate, with the note. */
export function fanOutFigures(
  name: string,
  { ours, bare }: Record<'ours' | 'bare', FanOutRun[]>,
  note?: string,
): Figure[] {
  const both = (of: (run: FanOutRun) => number) => ({
    ours: spread(ours.map(of)),
    bare: spread(bare.map(of)),
  });
  const perSecond = both(({ cpuUsPerDelivery }) => 1e6 / cpuUsPerDelivery);
  const noted = { unit: 'ms', ...(note !== undefined && { note }) };
  const times: Figure[] = Number.isNaN(ours[0]?.p50Ms)
    ? []
    : [
        { name: `send to delivery ${name}, p50`, ...noted, ...both(({ p50Ms }) => p50Ms) },
        { name: `send to delivery ${name}, p99`, ...noted, ...both(({ p99Ms }) => p99Ms) },
      ];
  return [
    { name: `deliveries/s ${name}`, unit: '/s', ...both(({ deliveriesASecond }) => deliveriesASecond) },
    ...times,
    { name: `CPU a delivery ${name}`, unit: 'µs', ...both(({ cpuUsPerDelivery }) => cpuUsPerDelivery) },
    { name: `deliveries a CPU second ${name}`, unit: '/s', ...perSecond },
    { name: `share of a CPU ${name}`, unit: '', ...both(({ cpuShare }) => cpuShare) },
    {
      name: `CPU a delivery, all of Maru, ${name}`,
      unit: 'µs',
      ours: both(({ allCpuUsPerDelivery }) => allCpuUsPerDelivery).ours,
    },
  ];
}
