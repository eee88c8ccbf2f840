import { setTimeout as delay } from 'node:timers/promises';

const firstPauseMs = 200;
const maxPauseMs = 5000;

export interface KeepingUpRules {
  ask: (key: string) => Promise<void>;
  /** Whether the answer is still of use. */
  wanted: (key: string) => boolean;
}

/**
 * Asks about things that change, and asks again after they have: one question of each is under way at a time, and what
 * fails is asked again as long as it is wanted. An answer that was asked for after a change knows of it.
 */
export class KeepingUp {
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();

  constructor(private readonly rules: KeepingUpRules) {}

  /** Resolves when it has been asked, or is not wanted any more. */
  ask(key: string): Promise<void> {
    const running = this.running.get(key);
    if (running !== undefined) {
      this.again.add(key);
      return running;
    }
    const run = this.run(key);
    this.running.set(key, run);
    return run;
  }

  private async run(key: string): Promise<void> {
    // So that it is among those that are running before it can end.
    await Promise.resolve();
    const { ask, wanted } = this.rules;
    let pauseMs = firstPauseMs;
    while (wanted(key)) {
      this.again.delete(key);
      try {
        await ask(key);
        pauseMs = firstPauseMs;
        if (!this.again.has(key)) break;
      } catch {
        pauseMs = Math.min(2 * pauseMs, maxPauseMs);
      }
      await delay(pauseMs, undefined, { ref: false });
    }
    this.again.delete(key);
    this.running.delete(key);
  }
}
