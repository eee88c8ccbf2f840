import { isMaruError } from '../errors';
import type { Timing } from '../timing';
import type { Tokens } from '../tokens';

/** The longest time that a timer of JavaScript takes. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Shows a living connection a newer token before the one that it has runs out. A clock of this machine that is wrong
 * makes it ask too often or too late, no more: a token that ran out ends the connection, and it comes back with another.
 */
export class Renewal {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    private readonly tokens: Tokens,
    private readonly timing: Pick<Timing, 'renewBeforeMs' | 'renewEveryMs'>,
    private readonly show: (token: string) => Promise<object>,
  ) {}

  plan(token: string, expiresAt: string): void {
    if (this.stopped) return;
    const { renewBeforeMs, renewEveryMs } = this.timing;
    const left = Date.parse(expiresAt) - Date.now() - renewBeforeMs;
    const inMs = Math.min(Math.max(left, renewEveryMs), maxTimerMs);
    this.timer = setTimeout(() => void this.renew(token, expiresAt), inMs);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async renew(token: string, expiresAt: string): Promise<void> {
    try {
      const fresh = await this.tokens.renew(token);
      if (this.stopped) return;
      const answer = (await this.show(fresh)) as { expiresAt: string };
      this.plan(fresh, answer.expiresAt);
    } catch (error) {
      // A fixed token, or a session that has ended: the server ends the connection when its time has come.
      if (!isMaruError(error) || error.retryable) this.plan(token, expiresAt);
    }
  }
}
