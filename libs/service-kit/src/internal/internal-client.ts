import { CodedError } from '@maru/contracts';
import { internalSecretHeader } from '../auth/access.guard';
import { tracedHeaders } from '../tracing/request-trace';
import { Addresses } from './addresses';

interface Answer {
  ok: boolean;
  body: unknown;
}

/**
 * Calls the internal routes of another service. Addresses are taken in turn; one that cannot be reached is
 * passed over, so only idempotent calls belong here.
 */
export class InternalClient {
  private readonly addresses: Addresses;

  constructor(
    urls: readonly string[],
    private readonly secret: string,
    private readonly timeoutMs = 5000,
  ) {
    this.addresses = new Addresses(urls);
  }

  /**
   * @returns the parsed JSON answer, `undefined` for 204.
   * @throws CodedError as the other service said, or `unavailable` when none answers in time.
   */
  async call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const order = this.addresses.order();
    // A single one is asked twice: it may have closed an idle connection just as it was used.
    for (const url of order.length === 1 ? [...order, ...order] : order) {
      const answer = await this.ask(url + path, method, body);
      if (answer?.ok === true) return answer.body as T;
      if (answer !== undefined) throw CodedError.fromBody(answer.body as { code: string });
      this.addresses.down(url);
    }
    throw new CodedError('unavailable');
  }

  /** `undefined` when no whole answer in JSON came: from a service that is away, or a proxy that says so. */
  private async ask(url: string, method: string, body: unknown): Promise<Answer | undefined> {
    try {
      const response = await fetch(url, {
        method,
        headers: {
          [internalSecretHeader]: this.secret,
          'content-type': 'application/json',
          ...tracedHeaders(),
        },
        signal: AbortSignal.timeout(this.timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { ok: response.ok, body: response.status === 204 ? undefined : await response.json() };
    } catch {
      return undefined;
    }
  }
}
