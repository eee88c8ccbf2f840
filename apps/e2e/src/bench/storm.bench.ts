import { type Maru } from '../support/maru';
import { until } from '../support/until';
import { type Bench, pidOf } from './bench';
import { counted } from './counted';
import { Crowd } from './crowd';
import { MemberProcesses } from './members';
import { barePeer } from './peers';
import { allowFiles } from './process-limits';
import type { Figure } from './report';
import type { Row } from './row';
import { spread } from './statistics';

interface StormRun {
  seconds: number;
  /** Connections that were refused or cut on the way back. */
  failures: number;
  lastFailure: string | undefined;
  storeCalls: number;
}

const clients = 5000;
const roomsEach = 5;
const roomSize = 50;
const missedARoom = 20;
const missed = roomsEach * missedARoom;
const memberProcesses = 2;
const mostRuns = 3;

export const stormRow: Row = {
  name: 'storm',
  about: `the gateway is killed, its ${clients} clients miss ${missed} events each and come back at once`,
  measure: (bench) => bench.alone({}, (maru) => Crowd.during(maru, (crowd) => measure(bench, maru, crowd))),
};

/** From the moment that a new gateway is ready and all connect, until the last of them has all that he missed. */
async function storm(maru: Maru, crowd: Crowd): Promise<StormRun> {
  const url = maru.urls[0] ?? '';
  const members = await openAll(url, pidOf(maru, 'gateway'), crowd);
  try {
    members.mustBeWhole();
    const gateway = maru.processes.get('gateway');
    if (!gateway) throw new Error('there is no gateway');
    gateway.restarts = false;
    gateway.kill('SIGKILL');
    await members.leave();
    await crowd.sayInEach(missedARoom);
    await gateway.start();
    gateway.restarts = true;
    allowFiles(pidOf(maru, 'gateway'), members.size + 1000);
    const storeCalls = await counted(url, 'gateway_store_calls_total');
    const seconds = await timeOfReturn(members, missed * members.size);
    return {
      seconds,
      failures: members.failures,
      lastFailure: members.lastFailure,
      storeCalls: (await counted(url, 'gateway_store_calls_total')) - storeCalls,
    };
  } finally {
    await members.close();
  }
}

/** The same clients coming back to a server that has nothing for them. */
async function stormOnBare(crowd: Crowd): Promise<number> {
  const peer = await barePeer();
  const members = await openAll(peer.url, peer.pid, crowd);
  try {
    await members.leave();
    return await timeOfReturn(members, 0);
  } finally {
    await members.close();
    await peer.close();
  }
}

async function openAll(url: string, pid: number, crowd: Crowd): Promise<MemberProcesses> {
  const tokens = await crowd.tokens();
  allowFiles(pid, tokens.length + 1000);
  const task = { url, tokens, positions: crowd.positions(), stock: 0, latency: false, width: 64 };
  return MemberProcesses.open(task, memberProcesses);
}

async function timeOfReturn(members: MemberProcesses, events: number): Promise<number> {
  const before = members.deliveries;
  const start = performance.now();
  members.comeBack();
  const got = () => members.deliveries - before;
  const what = () => `all are back and whole: ${members.connected} are back, ${got()} of ${events} events`;
  await until(what, () => members.connected === members.size && got() >= events, 180_000);
  const seconds = (performance.now() - start) / 1000;
  members.mustBeWhole();
  if (got() !== events) throw new Error(`${got()} events were delivered where ${events} were missing`);
  return seconds;
}

async function measure(bench: Bench, maru: Maru, crowd: Crowd): Promise<Figure[]> {
  const users = bench.scaled(clients, roomSize);
  await crowd.gather(users, roomsEach, roomSize);
  const [ours, bare]: [StormRun[], number[]] = [[], []];
  const work = async () => {
    ours.push(await storm(maru, crowd));
    bare.push(await stormOnBare(crowd));
  };
  const { length: runs } = await bench.repeat('reconnect storm', work, mostRuns);
  const of = (key: Exclude<keyof StormRun, 'lastFailure'>) => spread(ours.map((run) => run[key]));
  const name = `${users} clients back at once, ${missed} missed events each`;
  return [
    {
      name: `${name}: until all are whole`,
      unit: 's',
      ours: of('seconds'),
      bare: spread(bare),
      target: { goal: 10, floor: 30 },
      note: `median of ${runs}; a new gateway after SIGKILL; the bare server has no events for them`,
    },
    { name: `${name}: store statements meanwhile`, unit: '', ours: of('storeCalls') },
    {
      name: `${name}: refused attempts`,
      unit: '',
      ours: of('failures'),
      note: ours.find(({ lastFailure }) => lastFailure !== undefined)?.lastFailure ?? '',
    },
  ];
}
