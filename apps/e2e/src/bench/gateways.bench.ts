import { readFileSync } from 'node:fs';
import type { RunFile } from '@maru/stack';
import type { Maru } from '../support/maru';
import { eachOf } from '../support/user';
import { pause, until } from '../support/until';
import { keepAwake } from './awake';
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
/** Messages a second over all rooms: little enough for eight gateways on one machine, and much beside what they do in silence. */
const rate = 50;
/** Silence and talk take turns, so that what the machine does by itself meets both. */
const turns = 4;
const warmUpMs = 8000;
const settleMs = 3000;

/**
 * What a message costs at so many gateways beside what all do when nothing is said, in µs of CPU. `records` and `bytes` are
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
      const runs = await bench.repeat(`${count} gateways, ${mode}`, () =>
        keepAwake(() => run(bench, maru, tokens, crowd)),
      );
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
        url: maru.urls[gatewayOf(user, tokens.length / size, maru.urls.length)] ?? '',
        token,
        positions: new Map(positions[user]),
        onMessage: (bytes, start, end) => times.add(sharedClockUs() - sentAt.read(bytes, start, end)),
      }),
  );
  try {
    await eachOf(clients, 16, (client) => client.open());
    const talk = new Talk(clients, positions);
    // Compilers are warm before anything is counted, silence included.
    await talk.during(() => pause(warmUpMs));
    times.counts.fill(0);
    times.total = 0;
    const [silence, said] = [none(), none()];
    for (let turn = 0; turn < turns; turn++) {
      await pause(settleMs);
      add(silence, await counted(maru, talk, bench.options.seconds / turns));
      await talk.during(async () => {
        await pause(settleMs);
        add(said, await counted(maru, talk, bench.options.seconds / turns));
      });
    }
    const idle = byKind((kind) => (silence.cpu[kind] * 1e6) / silence.seconds);
    const { cpu, seconds, messages, records, bytes } = said;
    const heard = () => clients.reduce((sum, client) => sum + client.messages, 0);
    await until('everybody has every message', () => heard() === talk.sent * size, 30_000);
    if (clients.some(({ disorders }) => disorders > 0))
      throw new Error('a message is missing or out of order');
    for (const [user, client] of clients.entries()) crowd.stands(user, client.positions);
    const beside = (all: number, silent: number) => (all - (silent / silence.seconds) * seconds) / messages;
    return {
      records: beside(records, silence.records),
      bytes: beside(bytes, silence.bytes),
      us: byKind((kind) => beside(cpu[kind], silence.cpu[kind]) * 1e6),
      idle,
      p50Ms: times.percentile(0.5),
    };
  } finally {
    for (const client of clients) client.close();
  }
}

/** Any gateways are those of a room's members as often as any others, so that two meet at one as often as chance has it. */
const gatewayOf = (user: number, columns: number, gateways: number): number =>
  Math.floor((user % columns) / gateways ** Math.floor(user / columns)) % gateways;

const byKind = (of: (kind: Kind) => number): Record<Kind, number> =>
  Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as Record<Kind, number>;

/** The first member of each room says something in his turn, `rate` times a second. */
class Talk {
  sent = 0;

  constructor(
    private readonly clients: LightClient[],
    private readonly positions: ReturnType<Crowd['positions']>,
  ) {}

  async during<T>(work: () => Promise<T>): Promise<T> {
    const [start, before] = [performance.now(), this.sent];
    const stop = feed(() => {
      const due = before + ((performance.now() - start) / 1000) * rate;
      while (this.sent < due) this.say();
    });
    try {
      return await work();
    } finally {
      stop();
    }
  }

  private say(): void {
    const user = this.sent++ % (this.clients.length / size);
    const [[roomId] = ['']] = this.positions[user] ?? [];
    const message = { roomId, id: `${sharedClockUs()}.${this.sent}`, text: 'How do you do?', kind: 'text' };
    void this.clients[user]?.ask('sendMessage', { ...message, metadata: { sentAt: sharedClockUs() } });
  }
}

/** What is used and read in so many seconds. */
interface Counted {
  seconds: number;
  messages: number;
  records: number;
  bytes: number;
  cpu: Record<Kind, number>;
}
const none = (): Counted => ({ seconds: 0, messages: 0, records: 0, bytes: 0, cpu: byKind(() => 0) });

function add(sum: Counted, more: Counted): void {
  for (const what of ['seconds', 'messages', 'records', 'bytes'] as const) sum[what] += more[what];
  for (const kind of kinds) sum.cpu[kind] += more.cpu[kind];
}

async function counted(maru: Maru, talk: Talk, seconds: number): Promise<Counted> {
  const [before, from] = [await look(maru), talk.sent];
  await pause(seconds * 1000);
  const [after, messages] = [await look(maru), talk.sent - from];
  return {
    seconds: (after.at - before.at) / 1000,
    messages,
    records: after.records - before.records,
    bytes: after.bytes - before.bytes,
    cpu: byKind((kind) => after.cpu[kind] - before.cpu[kind]),
  };
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
