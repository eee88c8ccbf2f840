import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '@maru/contracts';
import { RateLimits } from '@maru/service-kit';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AUTH_ENV, type AuthEnv } from '../auth.config';

const minute = 60;
const day = 24 * 60 * minute;

/** Whose password is guessed (an e-mail or a user, known or not), and from where. */
export interface Guess {
  account: string;
  address: string;
}

/**
 * Slows down who guesses passwords. Counted are wrong ones of an address, and of an account from an address: the
 * account itself is never locked, so nobody can keep its owner out from elsewhere. An account that does not exist
 * counts as any other. Each process counts for itself.
 */
@Injectable()
export class GuessesService {
  private readonly byAddress: RateLimiterMemory;
  private readonly byPair: RateLimiterMemory;
  /** One guess at a time and a pause after it, once the free ones are used up. */
  private readonly turns = new RateLimiterMemory({ points: 1, duration: 1 });

  constructor(
    private readonly limits: RateLimits,
    @Inject(AUTH_ENV) private readonly env: AuthEnv,
  ) {
    const points = env.ADDRESS_GUESSES_PER_15_MINUTES;
    this.byAddress = new RateLimiterMemory({ points, duration: 15 * minute });
    this.byPair = new RateLimiterMemory({ points: env.FREE_GUESSES, duration: day });
  }

  /**
   * Does `check` and counts it when it ends in `invalid_credentials`.
   * @throws CodedError `rate_limited`, without having checked anything.
   */
  async counted<T>({ account, address }: Guess, check: () => Promise<T>): Promise<T> {
    if (!this.limits.on) return check();
    // No e-mail stays in memory.
    const pair = createHash('sha256').update(`${account} ${address}`).digest('base64url');
    await this.take(pair, address);
    try {
      const right = await check();
      await Promise.all([this.byPair.delete(pair), this.turns.delete(pair), this.byAddress.reward(address)]);
      return right;
    } catch (error) {
      const wrong = error instanceof CodedError && error.code === 'invalid_credentials';
      if (!wrong) await this.giveBack(pair, address);
      throw error;
    }
  }

  /** Counts before it is known whether the guess is wrong: many at once get no more than one after the other. */
  private async take(pair: string, address: string): Promise<void> {
    await this.consume('guesses_of_address', () => this.byAddress.consume(address));
    const { consumedPoints } = await this.byPair.penalty(pair);
    const beyond = consumedPoints - this.env.FREE_GUESSES;
    if (beyond <= 0) return;
    const customDuration = Math.min(2 ** (beyond - 1), this.env.LONGEST_PAUSE_SECONDS);
    try {
      await this.consume('guesses_of_account', () => this.turns.consume(pair, 1, { customDuration }));
    } catch (error) {
      await this.giveBack(pair, address);
      throw error;
    }
  }

  private async consume(limit: string, work: () => Promise<RateLimiterRes>): Promise<void> {
    try {
      await work();
    } catch (left) {
      throw left instanceof RateLimiterRes ? this.limits.refusal(limit, left.msBeforeNext) : left;
    }
  }

  private async giveBack(pair: string, address: string): Promise<void> {
    await Promise.all([this.byPair.reward(pair), this.byAddress.reward(address)]);
  }
}
