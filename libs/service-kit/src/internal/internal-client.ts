import { CodedError } from '@maru/contracts';
import { internalSecretHeader } from '../auth/access.guard';

interface Answer {
  ok: boolean;
  body: unknown;
}

/**
 * Calls the internal routes of another service. Addresses are taken in turn; one that cannot be reached is
 * passed over, so only idempotent calls belong here.
 */
export class InternalClient {
  private turn = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly secret: string,
    private readonly timeoutMs = 5000,
  ) {}

  /**
   * @returns the parsed JSON answer, `undefined` for 204.
   * @throws CodedError as the other service said, or `unavailable` when none answers in time.
   */
  async call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    for (let tries = 0; tries < Math.max(2, this.urls.length); tries++) {
      const base = this.urls[this.turn++ % this.urls.length] ?? '';
      const answer = await this.ask(base + path, method, body);
      if (answer === undefined) continue;
      if (answer.ok) return answer.body as T;
      throw CodedError.fromBody(answer.body as { code: string });
    }
    throw new CodedError('unavailable');
  }

  /** `undefined` when no whole answer in JSON came: from a service that is away, or a proxy that says so. */
  private async ask(url: string, method: string, body: unknown): Promise<Answer | undefined> {
    try {
      const response = await fetch(url, {
        method,
        headers: { [internalSecretHeader]: this.secret, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(this.timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { ok: response.ok, body: response.status === 204 ? undefined : await response.json() };
    } catch {
      return undefined;
    }
  }
}
