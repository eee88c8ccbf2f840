import type { AckBodies, ClientEvent } from '@maru/contracts';
import { isMaruError, MaruError, toMaruError } from '../errors';
import { watchForWaking, type WebSocketClass } from '../surroundings';
import { Backoff, Pauses, type Timing } from '../timing';
import type { Tokens } from '../tokens';
import { type Ending, judge, type Verdict } from './endings';
import { Line } from './line';
import { Renewal } from './renewal';

/**
 * `connecting`: for the first time; `online`: everything that was missed is there, and what comes is heard at once;
 * `offline`: it is coming back by itself; `closed`: it is not.
 */
export type ConnectionState = 'connecting' | 'online' | 'offline' | 'closed';

export interface ConnectionEars {
  /** The last seq that was seen of each room. */
  resume(): Record<string, number>;
  /** Whose token it is. Before anything is heard on this connection. */
  user(userId: string): void;
  hear(event: string, body: unknown): void;
  state(state: ConnectionState, error: MaruError | undefined): void;
}
interface Parts {
  url: string;
  tokens: Tokens;
  WebSocket: WebSocketClass;
  timing: Timing;
}

/** A token that is not taken so many times running is not asked for again. */
const maxRefusals = 4;

/** Keeps a client connected until it is closed: comes back after every drop, with the seqs that it has seen. */
export class Connection {
  state: ConnectionState = 'connecting';
  private line: Line | undefined;
  private readonly backoff: Backoff;
  private readonly pauses = new Pauses();
  private readonly stopWatching: () => void;
  private waiting: { resolve: () => void; reject: (error: MaruError) => void }[] = [];
  private failure: MaruError | undefined;
  private refusals = 0;

  constructor(
    private readonly parts: Parts,
    private readonly ears: ConnectionEars,
  ) {
    this.backoff = new Backoff(parts.timing);
    this.stopWatching = watchForWaking(() => this.wake());
    void this.stay();
  }

  /** Resolves when it is online. @throws MaruError why it is closed */
  online(): Promise<void> {
    if (this.state === 'online') return Promise.resolve();
    if (this.state === 'closed') return Promise.reject(this.failure ?? MaruError.closed());
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Asks once, over the connection that is there. @throws MaruError `network` when there is none, or it breaks */
  async ask<E extends ClientEvent>(event: E, payload: object, id?: string): Promise<AckBodies[E]> {
    if (this.state !== 'online' || this.line === undefined)
      throw MaruError.network('There is no connection.');
    return (await this.line.ask(event, payload, id)) as AckBodies[E];
  }

  /** Looks whether it is alive, and does not wait to come back. */
  wake(): void {
    this.line?.probe();
    this.pauses.endAll();
  }

  close(error: MaruError = MaruError.closed()): void {
    if (this.state === 'closed') return;
    this.stopWatching();
    this.failure = error;
    this.turn('closed', error);
    this.line?.close();
    this.pauses.endAll();
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  private async stay(): Promise<void> {
    // Whoever made it hears of nothing before he has it.
    await Promise.resolve();
    while (!this.closed) {
      const verdict = await this.once();
      if (this.closed) return;
      if (verdict.kind === 'over') return this.close(verdict.error);
      this.turn('offline', verdict.error);
      const pauseMs = await this.pauseOf(verdict);
      if (pauseMs > 0 && !this.closed) await this.pauses.wait(pauseMs);
    }
  }

  private async pauseOf(verdict: Exclude<Verdict, { kind: 'over' }>): Promise<number> {
    if (verdict.kind === 'again') {
      const pauseMs = this.backoff.next();
      return verdict.afterMs ?? (verdict.atMostMs === undefined ? pauseMs : Math.random() * verdict.atMostMs);
    }
    if (++this.refusals >= maxRefusals) this.close(verdict.error);
    return this.refusals === 1 ? 0 : this.backoff.next();
  }

  /** One connection from its opening to its end. */
  private async once(): Promise<Verdict> {
    let token: string;
    try {
      token = await this.parts.tokens.get();
    } catch (error) {
      return providerFailed(error);
    }
    if (this.closed) return { kind: 'over', error: MaruError.closed() };
    const verdict = judge(await this.connected(token));
    if (verdict.kind !== 'token') return verdict;
    try {
      await this.parts.tokens.renew(token);
      return verdict;
    } catch (error) {
      return providerFailed(error);
    }
  }

  private connected(token: string): Promise<Ending> {
    const { url, WebSocket, timing, tokens } = this.parts;
    return new Promise((resolve) => {
      const renewal = new Renewal(tokens, timing, (fresh) => line.ask('authenticate', { token: fresh }));
      const line = new Line(url, WebSocket, { token, resume: this.ears.resume() }, timing, {
        hello: ({ userId, expiresAt }) => {
          renewal.plan(token, expiresAt);
          this.ears.user(userId);
        },
        hear: (event, body) => {
          this.ears.hear(event, body);
          if (event === 'ready') this.ready();
        },
        over: (ending) => {
          renewal.stop();
          this.line = undefined;
          resolve(ending);
        },
      });
      this.line = line;
    });
  }

  private ready(): void {
    if (this.closed) return;
    this.backoff.reset();
    this.refusals = 0;
    this.turn('online', undefined);
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }

  private get closed(): boolean {
    return this.state === 'closed';
  }

  private turn(state: ConnectionState, error: MaruError | undefined): void {
    this.state = state;
    this.ears.state(state, error);
  }
}

/** A provider that says for good that there is no token ends it; one that could not be reached is asked again. */
function providerFailed(error: unknown): Verdict {
  return isMaruError(error) && !error.retryable
    ? { kind: 'over', error }
    : { kind: 'again', error: toMaruError(error) };
}
