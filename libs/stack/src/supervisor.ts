import { describeExit, type ManagedProcess } from './managed-process';

/** `ended`: unasked. `restarted`: a new process runs; it may still need a moment until it serves. */
export type SupervisorEvent =
  | { type: 'ended'; name: string; how: string; restartInMs: number | null }
  | { type: 'restarted'; name: string; pid: number | undefined };

const firstDelayMs = 100;
const longestDelayMs = 2_000;
const forgottenAfterMs = 5_000;

/** The pause before the next start: doubled with each quick death, forgotten after a life of 5 s. */
export function nextDelay(previousMs: number, livedMs: number): number {
  if (previousMs === 0 || livedMs >= forgottenAfterMs) return firstDelayMs;
  return Math.min(previousMs * 2, longestDelayMs);
}

/** Starts again what ends unasked, each on its own: one that keeps dying holds up no other. */
export class Supervisor {
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopped = false;

  constructor(private readonly tell: (event: SupervisorEvent) => void) {}

  watch(process: ManagedProcess): void {
    let delay = 0;
    let launchedAt = Date.now();
    const ended = (how: string) => {
      const restart = process.restarts && !this.stopped;
      delay = nextDelay(delay, Date.now() - launchedAt);
      this.tell({ type: 'ended', name: process.name, how, restartInMs: restart ? delay : null });
      if (restart) this.later(delay, () => void again());
    };
    const again = async () => {
      launchedAt = Date.now();
      try {
        await process.launch();
        this.tell({ type: 'restarted', name: process.name, pid: process.pid });
      } catch (error) {
        if (!this.stopped) ended(`at once (${(error as Error).message})`);
      }
    };
    process.onExit((exit) => ended(describeExit(exit)));
  }

  /** From here on nothing is started. */
  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
  }

  private later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }
}
