import { type Maru, startMaru } from '../support/maru';
import { eachOf, newUsers, type TestUser } from '../support/user';
import type { CpuByName } from './cpu';
import { CommittedBench } from './committed.bench';
import { bareDoor, fanOut, type FanOutRun } from './fan-out.bench';
import { latency, type LatencyRun } from './latency.bench';
import type { Figure } from './report';
import { spread } from './statistics';

export const rowNames = ['fanout', 'paced', 'latency', 'committed'] as const;
export type RowName = (typeof rowNames)[number];

export interface BenchOptions {
  seconds: number;
  runs: number;
  members: number;
  window: number;
  say: (text: string) => void;
}

const latencyMembers = 200;
const latencyRate = 200;
/** Messages a second at which the bare server still keeps up with a thousand members. */
const pacedRate = 50;

/** One gateway, one writer, one broker and one store on this machine, and the rows that are measured on them. */
export class Bench {
  private maru: Maru | undefined;
  private users: TestUser[] = [];

  constructor(private readonly options: BenchOptions) {}

  async run(rows: readonly RowName[]): Promise<Figure[]> {
    this.options.say('Maru starts');
    this.maru = await startMaru({ gateways: 1, writers: 1 });
    const work: Record<RowName, () => Promise<Figure[]>> = {
      fanout: () => this.fanOutRow(undefined),
      paced: () => this.fanOutRow(pacedRate),
      latency: () => this.latencyRow(),
      committed: () => this.committedRow(),
    };
    const figures: Figure[] = [];
    for (const row of rowNames) if (rows.includes(row)) figures.push(...(await work[row]()));
    return figures;
  }

  async stop(): Promise<void> {
    await this.maru?.stop();
  }

  private async fanOutRow(rate: number | undefined): Promise<Figure[]> {
    const { seconds, window, members } = this.options;
    const { tokens, roomId } = await this.room(members);
    const common = { tokens, seconds, window, ...(rate !== undefined && { rate }) };
    const ours = { url: this.url, roomId, pid: this.pidOf('gateway'), groups: this.groups() };
    const [gateway, bare]: [FanOutRun[], FanOutRun[]] = [[], []];
    await this.repeat(rate === undefined ? 'fan-out' : `fan-out at ${rate} messages/s`, async () => {
      gateway.push(await fanOut(ours, common));
      const door = await bareDoor();
      try {
        bare.push(await fanOut(door, common));
      } finally {
        await door.close();
      }
    });
    const of = (runs: FanOutRun[], key: keyof FanOutRun) => spread(runs.map((run) => run[key]));
    const name = rate === undefined ? `to ${members} members` : `to ${members} members, ${rate} messages/s`;
    const perSecond = (runs: FanOutRun[]) => spread(runs.map((run) => 1e6 / run.cpuUsPerDelivery));
    const ratio = perSecond(gateway).median / perSecond(bare).median;
    return [
      {
        name: `deliveries/s ${name}`,
        unit: '/s',
        ours: of(gateway, 'deliveriesASecond'),
        bare: of(bare, 'deliveriesASecond'),
      },
      {
        name: `CPU a delivery ${name}`,
        unit: 'µs',
        ours: of(gateway, 'cpuUsPerDelivery'),
        bare: of(bare, 'cpuUsPerDelivery'),
      },
      {
        name: `deliveries a CPU second ${name}`,
        unit: '/s',
        ours: perSecond(gateway),
        bare: perSecond(bare),
        ratio,
      },
      { name: `share of a CPU ${name}`, unit: '', ours: of(gateway, 'cpuShare'), bare: of(bare, 'cpuShare') },
      { name: `CPU a delivery, all of Maru, ${name}`, unit: 'µs', ours: of(gateway, 'allCpuUsPerDelivery') },
    ];
  }

  private async latencyRow(): Promise<Figure[]> {
    const { tokens, roomId } = await this.room(latencyMembers);
    const processes = this.maru?.run.processes ?? [];
    const [ours, bare]: [LatencyRun[], LatencyRun[]] = [[], []];
    const { seconds } = this.options;
    await this.repeat('latency', async () => {
      ours.push(await latency({ url: this.url, roomId, processes }, tokens, latencyRate, seconds));
      const door = await bareDoor();
      try {
        bare.push(await latency({ ...door, processes: [] }, tokens, latencyRate, seconds));
      } finally {
        await door.close();
      }
    });
    const of = (runs: LatencyRun[], key: 'p50Ms' | 'p99Ms') => spread(runs.map((run) => run[key]));
    const name = `send to delivery, ${latencyRate} messages/s to ${latencyMembers} members`;
    return [
      { name: `${name}, p50`, unit: 'ms', ours: of(ours, 'p50Ms'), bare: of(bare, 'p50Ms') },
      { name: `${name}, p99`, unit: 'ms', ours: of(ours, 'p99Ms'), bare: of(bare, 'p99Ms') },
      ...cpuFigures(ours, 'ms', 1),
    ];
  }

  private async committedRow(): Promise<Figure[]> {
    const bench = new CommittedBench(this.maru?.run.brokers ?? []);
    await bench.start();
    try {
      const processes = this.maru?.run.processes ?? [];
      await bench.run(2, processes);
      const runs = await this.repeat('committed', () => bench.run(this.options.seconds, processes));
      const rates = runs.map(({ committedASecond }) => committedASecond);
      return [
        { name: 'committed messages/s', unit: '/s', ours: spread(rates) },
        ...cpuFigures(runs, 'µs', 1000),
      ];
    } finally {
      await bench.stop();
    }
  }

  /** A new room of the first so many users; who is missing is signed up. */
  private async room(members: number): Promise<{ tokens: string[]; roomId: string }> {
    const rest = this.maru?.rest();
    if (!rest) throw new Error('not started');
    const missing = members - this.users.length;
    if (missing > 0) {
      this.options.say(`${missing} users sign up and log in`);
      this.users.push(
        ...(await newUsers(
          rest,
          Array.from({ length: missing }, (_, index) => `Member ${index}`),
        )),
      );
    }
    const users = this.users.slice(0, members);
    const [owner] = users;
    const { id } = await rest.createRoom(owner?.token ?? '', { name: 'Bench', visibility: 'public' });
    await eachOf(users, 16, (user) => rest.join(user.token, id));
    return { tokens: users.map(({ token }) => token), roomId: id };
  }

  private async repeat<T>(what: string, run: () => Promise<T>): Promise<T[]> {
    const results: T[] = [];
    for (let turn = 1; turn <= this.options.runs; turn++) {
      this.options.say(`${what}: run ${turn} of ${this.options.runs}`);
      results.push(await run());
    }
    return results;
  }

  private get url(): string {
    return this.maru?.urls[0] ?? '';
  }

  private pidOf(name: string): number {
    return this.maru?.run.processes.find((one) => one.name === name)?.pid ?? 0;
  }

  private groups(): number[] {
    return this.maru?.run.processes.map(({ pid }) => pid) ?? [];
  }
}

function cpuFigures(runs: { cpuMs: CpuByName }[], unit: string, unitsAMs: number): Figure[] {
  return Object.keys(runs[0]?.cpuMs ?? {}).map((name) => ({
    name: `CPU a message meanwhile, ${name}`,
    unit,
    ours: spread(runs.map(({ cpuMs }) => (cpuMs[name] ?? 0) * unitsAMs)),
  }));
}
