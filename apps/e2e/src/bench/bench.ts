import path from 'node:path';
import type { AppName } from '@maru/stack';
import { type Maru, type MaruOptions, startMaru } from '../support/maru';
import { eachOf, newUsers, type TestUser } from '../support/user';
import type { Span } from './profile';
import type { Figure } from './report';
import type { Row } from './row';
import { sharedClockUs } from './statistics';

export interface BenchOptions {
  seconds: number;
  runs: number;
  members: number;
  window: number;
  /** Part of the connections that rows with thousands of them take. */
  scale: number;
  /** Apps whose CPU profiles are taken, from start to end, and the folder for them: in each a folder of the app's name. */
  profile?: { apps: readonly AppName[]; folder: string };
  say: (text: string) => void;
}

/** What rows are measured on: one gateway, one writer, one broker and one store on this machine, and users. */
export class Bench {
  /** When each run was, on the clock that all processes share. */
  readonly spans: Span[] = [];
  private shared: Maru | undefined;
  private users: TestUser[] = [];

  constructor(readonly options: BenchOptions) {}

  async run(rows: readonly Row[]): Promise<Figure[]> {
    const figures: Figure[] = [];
    for (const row of rows) figures.push(...(await row.measure(this)));
    return figures;
  }

  async stop(): Promise<void> {
    await this.shared?.stop();
    this.shared = undefined;
    this.users = [];
  }

  /** The Maru that rows share, as its last user left it: started by the first who asks. */
  async maru(): Promise<Maru> {
    if (!this.shared) {
      this.options.say('Maru starts');
      this.shared = await this.start({});
    }
    return this.shared;
  }

  /** A new Maru for one row, which may do to it what it likes; it ends with the work. The shared one ends first, as
   * nothing else shall take CPU and memory. */
  async alone<T>(options: MaruOptions, work: (maru: Maru) => Promise<T>): Promise<T> {
    await this.stop();
    this.options.say('Maru starts, for this row alone');
    const maru = await this.start(options);
    try {
      return await work(maru);
    } finally {
      await maru.stop();
    }
  }

  private start(options: MaruOptions): Promise<Maru> {
    const { apps = [], folder = '' } = this.options.profile ?? {};
    const profiled = apps.map((app) => {
      const own = options.envOf?.[app];
      const flags = `--cpu-prof --cpu-prof-dir=${path.join(folder, app)} ${own?.NODE_OPTIONS ?? ''}`;
      return [app, { ...own, NODE_OPTIONS: flags }];
    });
    const envOf = { ...options.envOf, ...(Object.fromEntries(profiled) as MaruOptions['envOf']) };
    return startMaru({ gateways: 1, writers: 1, ...options, envOf });
  }

  /** A new room of the first so many users of the shared Maru; who is missing is signed up. */
  async room(members: number): Promise<{ tokens: string[]; roomId: string }> {
    const rest = (await this.maru()).rest();
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

  /** That part of `count` which `--scale` asks for, in whole `units`. */
  scaled(count: number, unit = 1): number {
    return Math.max(1, Math.round((count * this.options.scale) / unit)) * unit;
  }

  /** As many runs as were asked for, or fewer where one takes long. */
  async repeat<T>(what: string, run: () => Promise<T>, atMost = Infinity): Promise<T[]> {
    const runs = Math.min(this.options.runs, atMost);
    const results: T[] = [];
    for (let turn = 1; turn <= runs; turn++) {
      this.options.say(`${what}: run ${turn} of ${runs}`);
      const from = sharedClockUs();
      results.push(await run());
      this.spans.push([from, sharedClockUs()]);
    }
    return results;
  }
}

export function pidOf(maru: Maru, name: string): number {
  return maru.run.processes.find((one) => one.name === name)?.pid ?? 0;
}
