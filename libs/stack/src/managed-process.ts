import { readFileSync } from 'node:fs';
import { type Child, type ChildSpec, type Exit, spawnChild } from './child';
import { StackError } from './stack-error';

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
  /** Whether a supervisor that watches it starts it again when it ends unasked. */
  restarts = true;
  private child: Child | undefined;
  private launching: Promise<Child> | undefined;
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

  /** SIGKILL goes to its whole process group, every other signal to the program alone. */
  kill(signal: NodeJS.Signals): void {
    this.killed ||= signal === 'SIGKILL';
    this.child?.kill(signal);
  }

  /** Starts the program unless it runs, and does not wait for it to serve. */
  async launch(): Promise<void> {
    await (this.launching ??= this.spawn().finally(() => (this.launching = undefined)));
  }

  /** Resolves when the program serves; rejects, leaving no process, when it ends or takes too long. */
  async start(): Promise<void> {
    await this.launch();
    const child = this.child;
    const deadline = Date.now() + this.options.readyWithinMs;
    while (child && child === this.child && Date.now() < deadline) {
      const ready = await this.options.isReady(child.pid ?? 0).catch(() => false);
      if (ready && child === this.child) return;
      await Promise.race([child.exited, pause(25)]);
    }
    await this.giveUp(child);
  }

  /** Asks for an orderly end and insists with SIGKILL. Resolves when the program is gone. */
  async stop(withinMs = this.options.stopWithinMs): Promise<void> {
    this.stopping = true;
    await this.launching?.catch(() => undefined);
    const child = this.child;
    if (!child) return;
    child.kill(this.options.stopSignal);
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    await child.exited;
    clearTimeout(timer);
  }

  private async spawn(): Promise<Child> {
    // A killed program is gone before we are told so.
    if (this.killed) await this.child?.exited;
    if (this.child) return this.child;
    this.stopping = this.killed = false;
    const spec = await this.options.spec();
    if (this.isStopping()) throw new StackError(`${this.name} was stopped before it began.`);
    const child = (this.child = spawnChild(spec));
    void child.exited.then((exit) => {
      this.child = undefined;
      if (!this.stopping) this.exitListeners.forEach((listener) => listener(exit));
    });
    return child;
  }

  /** Behind a method, as the compiler takes the field for unchanged over an await. */
  private isStopping(): boolean {
    return this.stopping;
  }

  private async giveUp(child: Child | undefined): Promise<never> {
    const late = child !== undefined && child === this.child;
    if (late) this.kill('SIGKILL');
    const reason = late ? `was not ready after ${this.options.readyWithinMs / 1000} s` : 'ended';
    const how = child && !late ? ` ${describeExit(await child.exited)}` : '';
    await child?.exited;
    const { logFile } = await this.options.spec();
    throw new StackError(`${this.name} ${reason}${how}. The end of ${logFile}:\n${tail(logFile)}`);
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

/** The last lines of a log, for an error that a person reads. */
export function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
  } catch {
    return '(no log)';
  }
}
