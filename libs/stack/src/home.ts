import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeFolder } from './folders';
import { isSameProcess, processIdentity } from './process-identity';
import { leftovers } from './run-file';
import { StackError } from './stack-error';

/** The data folder of one installation: who holds it, its secret, and what lies in it. */
export class Home {
  constructor(readonly folder: string) {}

  file(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  logFile(name: string): string {
    return this.file('logs', `${name}.log`);
  }

  /** Kafka's and PostgreSQL's files: a set for each kind of cluster, as the store knows its cluster. */
  dataFolder(cluster: string): string {
    return this.file('data', cluster);
  }

  /**
   * Takes the folder for this process; a holder that is dead no longer counts. Waits a moment for what a
   * killed supervisor left to end, as it does by itself.
   * @throws StackError when another process holds it, or when leftovers stay.
   */
  async lock(): Promise<void> {
    mkdirSync(path.join(this.folder, 'logs'), { recursive: true });
    this.claim();
    const deadline = Date.now() + 3_000;
    let left = leftovers(this.folder);
    while (left.length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      left = leftovers(this.folder);
    }
    if (left.length === 0) return;
    this.unlock();
    const names = left.map((one) => `${one.name} (${one.pid})`).join(', ');
    const pids = left.map((one) => one.pid).join(' ');
    throw new StackError(
      `An earlier start left ${names} running: end them with "kill -9 ${pids}" and start again.`,
    );
  }

  unlock(): void {
    if (this.holder() === processIdentity(process.pid)) rmSync(this.file('lock'), { force: true });
  }

  /** The process that holds the folder now, or undefined. */
  holder(): string | undefined {
    const file = this.file('lock');
    const identity = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
    return identity !== '' && isSameProcess(identity) ? identity : undefined;
  }

  /** What the apps show one another; made once and readable by the owner alone. */
  secret(): string {
    const file = this.file('secret');
    if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
    return readFileSync(file, 'utf8').trim();
  }

  /** Removes what `npm start` made and nothing else; the folder too when that leaves it empty. */
  clear(): void {
    this.claim();
    removeFolder(this.file('data'));
    for (const name of ['logs', 'run.json', 'secret', 'lock'])
      rmSync(this.file(name), { recursive: true, force: true });
    try {
      rmdirSync(this.folder);
    } catch {
      // Somebody keeps things of his own there.
    }
  }

  private claim(): void {
    const holder = this.holder();
    if (holder !== undefined) {
      const pid = holder.split('/')[0];
      throw new StackError(
        `Maru already runs from ${this.folder} (process ${pid}): stop it with Ctrl-C or "kill ${pid}" first.`,
      );
    }
    rmSync(this.file('lock'), { force: true });
    try {
      writeFileSync(this.file('lock'), `${processIdentity(process.pid) ?? process.pid}\n`, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new StackError(
        `Another start takes ${this.folder} at this moment: wait for it, or stop it and start again.`,
      );
    }
  }
}
