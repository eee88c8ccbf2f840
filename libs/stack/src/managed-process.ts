import { readFileSync } from 'node:fs';
import { type Child, type ChildSpec, type Exit, spawnChild } from './child';

export interface ManagedProcessOptions {
  name: string;
  /** Asked anew at each start, so a start can tidy up what the last run left. */
  spec: () => ChildSpec | Promise<ChildSpec>;
  /** One look: resolves true when the program serves. An error counts as "not yet". */
  isReady: (pid: number) => Promise<boolean>;
  readyWithinMs: number;
  /** The signal that asks for an orderly end, and how long it may take before SIGKILL. */
  stopSignal: NodeJS.Signals;
  stopWithinMs: number;
}

/** A program that can be started, killed and started again under one name. */
export class ManagedProcess {
  private child: Child | undefined;
  private stopping = false;
  private killed = false;
  private readonly exitListeners: ((exit: Exit) => void)[] = [];

  constructor(private readonly options: ManagedProcessOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Hears every end that `stop()` did not ask for. */
  onExit(listener: (exit: Exit) => void): void {
    this.exitListeners.push(listener);
  }

  kill(signal: NodeJS.Signals): void {
    this.killed ||= signal === 'SIGKILL';
    this.child?.kill(signal);
  }

  /** Resolves when the program serves; rejects, leaving no process, when it ends or takes too long. */
  async start(): Promise<void> {
    // A killed program is gone before we are told so.
    if (this.killed) await this.child?.exited;
    if (this.child) return;
    this.stopping = this.killed = false;
    const spec = await this.options.spec();
    if (this.isStopping()) throw new Error(`${this.name} was stopped before it began.`);
    const child = spawnChild(spec);
    this.child = child;
    let exit: Exit | undefined;
    void child.exited.then((how) => {
      exit = how;
      if (this.child !== child) return;
      this.child = undefined;
      if (!this.stopping) this.exitListeners.forEach((listener) => listener(how));
    });
    const deadline = Date.now() + this.options.readyWithinMs;
    while (!exit && Date.now() < deadline) {
      if ((await this.options.isReady(child.pid ?? 0).catch(() => false)) && !exit) return;
      await Promise.race([child.exited, pause(25)]);
    }
    const reason = exit
      ? `ended ${describeExit(exit)}`
      : `was not ready after ${this.options.readyWithinMs} ms`;
    child.kill('SIGKILL');
    await child.exited;
    throw new Error(`${this.name} ${reason}. The end of ${spec.logFile}:\n${tail(spec.logFile)}`);
  }

  private isStopping(): boolean {
    return this.stopping;
  }

  /** Asks for an orderly end and insists with SIGKILL. Resolves when the program is gone. */
  async stop(withinMs = this.options.stopWithinMs): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (!child) return;
    child.kill(this.options.stopSignal);
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    await child.exited;
    clearTimeout(timer);
  }
}

/** "with code 1", "by SIGKILL": the words for logs and errors. */
export function describeExit(exit: Exit): string {
  if (exit.error) return `at once (${exit.error.message})`;
  return exit.signal ? `by ${exit.signal}` : `with code ${exit.code ?? '?'}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
  } catch {
    return '(no log)';
  }
}
