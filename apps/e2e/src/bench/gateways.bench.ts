import { readFileSync } from 'node:fs';
import type { RunFile } from '@maru/stack';
import type { Maru } from '../support/maru';
import { eachOf } from '../support/user';
import { pause, until } from '../support/until';
import type { Bench } from './bench';
import { cpuOfTrees } from './cpu';
import { Crowd } from './crowd';
import { feed } from './fan-out';
import { LightClient } from './light-client';
import { NumberReader } from './number-reader';
import type { Figure } from './report';
import type { Row } from './row';
import { sharedClockUs, spread, TimeHistogram } from './statistics';

const modes = ['broadcast', 'routed'] as const;
const counts = [2, 4, 8] as const;
const rooms = 200;
/** Members of a room, at gateways that have nothing to do with one another. */
const size = 2;
/** Messages a second over all rooms: little enough for eight gateways on one machine. */
const rate = 40;
const warmUpMs = 8000;
const settleMs = 3000;
const idleMs = 5000;

/**
 * What a message costs at so many gateways, in µs of CPU beside what all do when nothing is said. `records` and `bytes` are
 * those that all gateways read. `idle`: µs a second, of all processes of the kind.
 */
interface GatewaysRun {
  records: number;
  bytes: number;
  us: Record<Kind, number>;
  idle: Record<Kind, number>;
  p50Ms: number;
}
const kinds = ['gateway', 'router', 'kafka'] as const;
type Kind = (typeof kinds)[number];

export const gatewaysRow: Row = {
  name: 'gateways',
  about: `what a message costs 2, 4 and 8 gateways that read everything, and with routers; ${rooms} rooms of ${size}`,
  measure: async (bench) => {
    const figures: Figure[] = [];
    for (const mode of modes)
      for (const count of counts) figures.push(...(await measure(bench, mode, count)));
    return figures;
  },
};

function measure(bench: Bench, mode: (typeof modes)[number], count: number): Promise<Figure[]> {
  return bench.alone({ gateways: count, routers: 1, env: { DELIVERY: mode } }, (maru) =>
    Crowd.during(maru, async (crowd) => {
      await crowd.gather(bench.scaled(rooms * size, size), 1, size);
      const tokens = await crowd.tokens();
      const runs = await bench.repeat(`${count} gateways, ${mode}`, () => run(bench, maru, tokens, crowd));
      const of = (read: (run: GatewaysRun) => number) => spread(runs.map(read));
      const name = (what: string) => `${what}, ${count} gateways, ${mode}`;
      return [
        { name: name('records a message that gateways read'), unit: '', ours: of(({ records }) => records) },
        { name: name('bytes a message that gateways read'), unit: 'B', ours: of(({ bytes }) => bytes) },
        ...kinds.flatMap((kind) => [
          { name: name(`CPU a message, ${kind}`), unit: 'µs', ours: of(({ us }) => us[kind]) },
          { name: name(`CPU a second of nothing, ${kind}`), unit: 'µs', ours: of(({ idle }) => idle[kind]) },
        ]),
        { name: name('send to delivery, p50'), unit: 'ms', ours: of(({ p50Ms }) => p50Ms) },
      ];
    }),
  );
}

async function run(bench: Bench, maru: Maru, tokens: string[], crowd: Crowd): Promise<GatewaysRun> {
  const times = new TimeHistogram();
  const sentAt = new NumberReader('sentAt');
  const positions = crowd.positions();
  const clients = tokens.map(
    (token, user) =>
      new LightClient({
        url: maru.urls[gatewayOf(user, maru.urls.length)] ?? '',
        token,
        positions: new Map(positions[user]),
        onMessage: (bytes, start, end) => times.add(sharedClockUs() - sentAt.read(bytes, start, end)),
      }),
  );
  try {
    await eachOf(clients, 16, (client) => client.open());
    const idle = await idleOf(maru);
    let sent = 0;
    const say = (): void => {
      const user = sent++ % (tokens.length / size);
      const [[roomId] = ['']] = positions[user] ?? [];
      const message = { roomId, id: `${sharedClockUs()}.${sent}`, text: 'How do you do?', kind: 'text' };
      void clients[user]?.ask('sendMessage', { ...message, metadata: { sentAt: sharedClockUs() } });
    };
    const start = performance.now();
    const stop = feed(() => {
      const due = ((performance.now() - start) / 1000) * rate;
      while (sent < due) say();
    });
    await pause(warmUpMs);
    times.counts.fill(0);
    times.total = 0;
    const [before, from] = [await look(maru), sent];
    await pause(bench.options.seconds * 1000);
    const [after, messages] = [await look(maru), sent - from];
    const seconds = (after.at - before.at) / 1000;
    stop();
    const heard = () => clients.reduce((sum, client) => sum + client.messages, 0);
    await until('everybody has every message', () => heard() === sent * size, 30_000);
    if (clients.some(({ disorders }) => disorders > 0))
      throw new Error('a message is missing or out of order');
    for (const [user, client] of clients.entries()) crowd.stands(user, client.positions);
    const each = (of: (seen: Seen) => number) => (of(after) - of(before)) / messages;
    const us = (kind: Kind) => each(({ cpu }) => cpu[kind]) * 1e6 - (idle[kind] * seconds) / messages;
    return {
      records: each(({ records }) => records),
      bytes: each(({ bytes }) => bytes),
      us: byKind(us),
      idle,
      p50Ms: times.percentile(0.5),
    };
  } finally {
    for (const client of clients) client.close();
  }
}

/** Spread so that two members of a room meet at one gateway as often as chance has it. */
const gatewayOf = (user: number, gateways: number): number =>
  (Math.imul(user + 1, 2_654_435_761) >>> 8) % gateways;

const byKind = (of: (kind: Kind) => number): Record<Kind, number> =>
  Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as Record<Kind, number>;

/** With everybody connected and nothing said. */
async function idleOf(maru: Maru): Promise<Record<Kind, number>> {
  await pause(settleMs);
  const before = await look(maru);
  await pause(idleMs);
  const after = await look(maru);
  return byKind((kind) => ((after.cpu[kind] - before.cpu[kind]) * 1e9) / (after.at - before.at));
}

interface Seen {
  at: number;
  records: number;
  bytes: number;
  /** In seconds. */
  cpu: Record<Kind, number>;
}

async function look({ run: { gateways, processes } }: Maru): Promise<Seen> {
  const records = await Promise.all(gateways.map(recordsRead));
  const gatewayPids = pidsOf(processes, 'gateway');
  return {
    at: performance.now(),
    records: records.reduce((sum, count) => sum + count, 0),
    bytes: gatewayPids.reduce((sum, pid) => sum + bytesRead(pid), 0),
    cpu: byKind((kind) => cpuOfTrees(pidsOf(processes, kind))),
  };
}

const pidsOf = (processes: RunFile['processes'], kind: string): number[] =>
  processes.flatMap(({ name, pid }) => (name.replace(/-\d+$/, '') === kind ? [pid] : []));

/** Events, and what routers send: not replies, presence and notices, which are the same in both modes. */
async function recordsRead(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(
    /^kafka_records_read_total\{.*topic="(?:chat\.events|gateway\.deliveries)".*\} (\d+)$/gm,
  );
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** From brokers and clients together, as the kernel counts it. */
function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1] ?? 0);
}
