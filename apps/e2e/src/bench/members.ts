import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { until } from '../support/until';
import type { MembersOrder, MembersReport, MembersTask } from './members.process';

type Word = MembersReport | { times: [number, number][] } | 'there';

/** A few processes full of members, as one. */
export class MemberProcesses {
  private readonly reports = new Map<ChildProcess, MembersReport>();
  private readonly times: [number, number][][] = [];
  private there = 0;
  private ended = false;

  private constructor(
    private readonly children: readonly ChildProcess[],
    /** How many members there are. */
    readonly size: number,
  ) {
    for (const child of children) {
      child.on('message', (word: Word) => {
        if (word === 'there') this.there++;
        else if ('times' in word) this.times.push(word.times);
        else this.reports.set(child, word);
      });
      child.once('exit', () => (this.ended = true));
    }
  }

  /** Resolves when every member is connected and `ready`. */
  static async open(task: MembersTask, processes: number): Promise<MemberProcesses> {
    return (await MemberProcesses.openTimed(task, processes)).members;
  }

  /** The same, with the time from the first connect to the last `ready`. */
  static async openTimed(
    task: MembersTask,
    processes: number,
  ): Promise<{ members: MemberProcesses; seconds: number }> {
    const children = Array.from({ length: processes }, () =>
      fork(path.join(__dirname, 'members.process.ts')),
    );
    const members = new MemberProcesses(children, task.tokens.length);
    try {
      await members.wait('the processes of members have started', () => members.there === processes);
      const start = performance.now();
      for (const [index, part] of parts(task, processes).entries()) children[index]?.send(part);
      await members.allConnected();
      return { members, seconds: (performance.now() - start) / 1000 };
    } catch (error) {
      await members.close();
      throw error;
    }
  }

  get connected(): number {
    return this.sum('connected');
  }

  get failures(): number {
    return this.sum('failures');
  }

  /** Why one of them failed, the last time. */
  get lastFailure(): string | undefined {
    return [...this.reports.values()].find(({ lastFailure }) => lastFailure !== undefined)?.lastFailure;
  }

  get deliveries(): number {
    return this.sum('deliveries');
  }

  get disorders(): number {
    return this.sum('disorders');
  }

  /** What the slowest member has. */
  get lowestSeq(): number {
    const { reports } = this;
    return reports.size === 0 ? 0 : Math.min(...[...reports.values()].map(({ lowestSeq }) => lowestSeq));
  }

  allConnected(): Promise<void> {
    const what = () => `all members are connected (${this.connected} of ${this.size})`;
    return this.wait(what, () => this.connected === this.size);
  }

  /** Every connection is cut at once, from this side if it is not yet. */
  async leave(): Promise<void> {
    this.tell('leave');
    await this.wait('all members are away', () => this.connected === 0);
  }

  /** All connect at once and go on until they are in. */
  comeBack(): void {
    this.tell('return');
  }

  resetTimes(): void {
    this.tell('reset');
  }

  async takeTimes(): Promise<[number, number][]> {
    this.times.length = 0;
    this.tell('times');
    await this.wait('the times of all members', () => this.times.length === this.children.length);
    return this.times.flat();
  }

  /** @throws Error when a process of members ended, a member lost his connection or a delivery came out of order. */
  mustBeWhole(): void {
    this.mustLive();
    const lost = this.size - this.connected;
    if (this.disorders + lost > 0)
      throw new Error(`${this.disorders} deliveries out of order, ${lost} connections lost`);
  }

  mustLive(): void {
    if (this.ended) throw new Error('A process of members ended.');
  }

  async close(): Promise<void> {
    const gone = () =>
      this.children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    for (const child of this.children) if (child.connected) child.disconnect();
    await until('the processes of members end', gone);
  }

  private tell(order: MembersOrder): void {
    for (const child of this.children) child.send(order);
  }

  private async wait(what: string | (() => string), holds: () => boolean): Promise<void> {
    await until(what, () => holds() || this.ended, 120_000);
    this.mustLive();
  }

  private sum(key: 'connected' | 'failures' | 'deliveries' | 'disorders'): number {
    return [...this.reports.values()].reduce((sum, report) => sum + report[key], 0);
  }
}

/** What each process gets. */
function parts(task: MembersTask, processes: number): MembersTask[] {
  const share = Math.ceil(task.tokens.length / processes);
  return Array.from({ length: processes }, (_, index) => {
    const [from, to] = [index * share, (index + 1) * share];
    return {
      ...task,
      tokens: task.tokens.slice(from, to),
      stock: Math.ceil(task.stock / processes),
      ...(task.positions && { positions: task.positions.slice(from, to) }),
    };
  });
}
