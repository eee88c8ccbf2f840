import type { ErrorBody } from '@maru/contracts';
import { MaruError, tokenCodes, toMaruError } from './errors';
import { Backoff, defaultTiming, type Timing } from './timing';
import { Tokens, type TokenProvider } from './tokens';

export interface RestOptions {
  url: string;
  token?: string | TokenProvider | Tokens;
  fetch?: typeof fetch;
  timing?: Partial<Timing>;
}
export interface AskOptions {
  body?: unknown;
  /** Doing it twice is doing it once: it is asked again when no answer came. GET is so by itself. */
  repeatable?: boolean;
}
type Query = Record<string, string | number | undefined>;
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const tries = 4;

/** The HTTP API. Asks with a token that is renewed when it is not taken. @throws MaruError with the server's code */
export class Rest {
  readonly url: string;
  private readonly tokens: Tokens | undefined;
  private readonly fetch: (url: string, request: RequestInit) => Promise<Response>;
  private readonly timing: Timing;

  constructor({ url, token, fetch: given = fetch, timing }: RestOptions) {
    this.url = url.replace(/\/+$/, '');
    this.tokens = token === undefined || token instanceof Tokens ? token : new Tokens(token);
    // A browser's fetch wants no other `this`.
    this.fetch = (to, request) => given(to, request);
    this.timing = { ...defaultTiming, ...timing };
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    const asked = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(
      Object.fromEntries(asked.map(([name, value]) => [name, String(value)])),
    ).toString();
    return this.ask('GET', search === '' ? path : `${path}?${search}`, { repeatable: true });
  }

  post<T>(path: string, body?: unknown, options: Pick<AskOptions, 'repeatable'> = {}): Promise<T> {
    return this.ask('POST', path, { body, ...options });
  }

  /** `path` begins behind `/api`. */
  async ask<T>(method: Method, path: string, options: AskOptions = {}): Promise<T> {
    const backoff = new Backoff({ ...this.timing, maxPauseMs: 3000 });
    for (let left = options.repeatable === true ? tries : 1; ;) {
      try {
        return await this.withToken<T>(method, path, options.body);
      } catch (error) {
        const { retryable, retryAfterMs } = toMaruError(error);
        if (--left === 0 || !retryable) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryAfterMs ?? backoff.next()));
      }
    }
  }

  private async withToken<T>(method: Method, path: string, body: unknown): Promise<T> {
    const token = await this.tokens?.get();
    try {
      return await this.once<T>(method, path, body, token);
    } catch (error) {
      if (token === undefined || !(error instanceof MaruError) || !tokenCodes.includes(error.code))
        throw error;
      return this.once<T>(method, path, body, await this.tokens?.renew(token));
    }
  }

  private async once<T>(method: Method, path: string, body: unknown, token: string | undefined): Promise<T> {
    const answer = await this.answer(method, path, body, token);
    if (answer.status < 300) return answer.body as T;
    const { code } = (answer.body ?? {}) as Partial<ErrorBody>;
    // What stands between us and the server may answer too, and not as the server does.
    if (code === undefined)
      throw new MaruError('network', `The answer was ${answer.status}.`, answer.status >= 500);
    throw MaruError.from(answer.body as ErrorBody);
  }

  private async answer(method: Method, path: string, body: unknown, token: string | undefined) {
    try {
      const response = await this.fetch(`${this.url}/api${path}`, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.timing.ackMs),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    } catch (error) {
      throw toMaruError(error);
    }
  }
}

/** All items of a list that is read page by page, as they are asked for. */
export async function* listed<T>(
  rest: Rest,
  path: string,
  query: Query = {},
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await rest.get<{ items: T[]; next?: string }>(path, { ...query, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
