import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { until } from '../support/until';
import type { MembersReport, MembersTask } from './members.process';

/** A few processes full of members, as one. */
export class MemberProcesses {
  private readonly reports: MembersReport[];
  private readonly times: [number, number][][] = [];
  private ended = false;

  private constructor(private readonly children: readonly ChildProcess[]) {
    this.reports = children.map(() => ({ ready: false, deliveries: 0, lowestSeq: 0, disorders: 0 }));
    children.forEach((child, index) => {
      child.on('message', (message: MembersReport | { times: [number, number][] }) => {
        if ('times' in message) this.times.push(message.times);
        else this.reports[index] = message;
      });
      child.once('exit', () => (this.ended = true));
    });
  }

  /** Resolves when every member is connected and `ready`. */
  static async open(task: MembersTask, processes: number): Promise<MemberProcesses> {
    const children = Array.from({ length: processes }, () =>
      fork(path.join(__dirname, 'members.process.ts')),
    );
    const members = new MemberProcesses(children);
    const share = Math.ceil(task.tokens.length / processes);
    children.forEach((child, index) => {
      const tokens = task.tokens.slice(index * share, (index + 1) * share);
      child.send({ ...task, tokens, stock: Math.ceil(task.stock / processes) } satisfies MembersTask);
    });
    await until(
      'all members are connected',
      () => members.reports.every(({ ready }) => ready) || members.ended,
      120_000,
    );
    members.mustLive();
    return members;
  }

  get deliveries(): number {
    return this.reports.reduce((sum, { deliveries }) => sum + deliveries, 0);
  }

  /** What the slowest member has. */
  get lowestSeq(): number {
    return Math.min(...this.reports.map(({ lowestSeq }) => lowestSeq));
  }

  get disorders(): number {
    return this.reports.reduce((sum, { disorders }) => sum + disorders, 0);
  }

  resetTimes(): void {
    for (const child of this.children) child.send('reset');
  }

  async takeTimes(): Promise<[number, number][]> {
    this.times.length = 0;
    for (const child of this.children) child.send('times');
    await until('the times of all members', () => this.times.length === this.children.length || this.ended);
    this.mustLive();
    return this.times.flat();
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
}
