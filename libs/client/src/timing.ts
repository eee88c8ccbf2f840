/** How long things may take, in ms. */
export interface Timing {
  /** From opening a connection to being let in, and between two signs of life until it is ready. */
  openMs: number;
  /** For an answer to what was asked; later its outcome is unknown. */
  ackMs: number;
  /** Without a sign of life the server is asked for one. */
  pingMs: number;
  /** For that sign; later the connection counts as broken. */
  pongMs: number;
  /** The first pause after a drop is at most so long; each further one twice as long. */
  firstPauseMs: number;
  maxPauseMs: number;
  /** A token is renewed so long before it runs out. */
  renewBeforeMs: number;
  /** How far apart renewals are at least, whatever the clocks say. */
  renewEveryMs: number;
}

export const defaultTiming: Timing = {
  openMs: 10_000,
  ackMs: 30_000,
  pingMs: 20_000,
  pongMs: 8_000,
  firstPauseMs: 500,
  maxPauseMs: 30_000,
  renewBeforeMs: 60_000,
  renewEveryMs: 20_000,
};

/** Before what a drop has cut short is asked again; the connection has pauses of its own. */
export const afterDropMs = 50;

/**
 * Pauses that grow and are drawn at random, so that many clients that were dropped at once do not come back at once.
 */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly timing: Pick<Timing, 'firstPauseMs' | 'maxPauseMs'>,
    private readonly random: () => number = Math.random,
  ) {}

  next(): number {
    const most = Math.min(this.timing.maxPauseMs, this.timing.firstPauseMs * 2 ** this.failures++);
    return most * (0.1 + 0.9 * this.random());
  }

  reset(): void {
    this.failures = 0;
  }
}

/** Pauses that can be ended before their time. */
export class Pauses {
  private readonly ends = new Set<() => void>();

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.ends.add(end);
    });
  }

  /** Ends those under way. */
  endAll(): void {
    for (const end of [...this.ends]) end();
  }
}
