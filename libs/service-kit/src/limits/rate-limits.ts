import { CodedError } from '@maru/contracts';
import { Counter, type Registry } from 'prom-client';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ServiceEnv } from '../config/environment';

/**
 * The rate limits of this process: each process counts for itself, in memory. Whether they are on is one setting
 * for all; what was refused is counted by limit.
 */
export class RateLimits {
  readonly on: boolean;
  private readonly refused: Counter<'limit'>;

  constructor({ RATE_LIMITS, NODE_ENV }: Pick<ServiceEnv, 'RATE_LIMITS' | 'NODE_ENV'>, registry: Registry) {
    this.on = (RATE_LIMITS ?? (NODE_ENV === 'production' ? 'on' : 'off')) === 'on';
    this.refused = new Counter({
      name: 'maru_rate_limited_total',
      help: 'Requests and events refused because a user or an address asked too often, by limit',
      labelNames: ['limit'],
      registers: [registry],
    });
  }

  /** A limit of `points` in `seconds` for each key. `name` is its label in the metric. */
  limit(name: string, points: number, seconds: number): RateLimit {
    return new RateLimit(this, name, new RateLimiterMemory({ points, duration: seconds }));
  }

  /** The refusal of a limit: it tells how long to wait. */
  refusal(name: string, retryAfterMs: number): CodedError {
    this.refused.inc({ limit: name });
    return new CodedError('rate_limited', undefined, Math.max(1, Math.ceil(retryAfterMs)));
  }
}

/** What each key may do within a window, counted from the key's first. While limits are off it lets all through. */
export class RateLimit {
  constructor(
    private readonly limits: RateLimits,
    private readonly name: string,
    private readonly limiter: RateLimiterMemory,
  ) {}

  get on(): boolean {
    return this.limits.on;
  }

  /** @throws CodedError `rate_limited` when the key has had its share until the window ends. */
  async take(key: string): Promise<void> {
    if (!this.limits.on) return;
    try {
      await this.limiter.consume(key);
    } catch (left) {
      throw left instanceof RateLimiterRes ? this.limits.refusal(this.name, left.msBeforeNext) : left;
    }
  }
}
