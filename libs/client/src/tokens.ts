import { MaruError } from './errors';

/**
 * Gives an access token. `stale` is one that is not taken any more, or not for long: another is wanted. May throw a
 * `MaruError`; one that is not retryable ends the client, anything else is tried again later.
 */
export type TokenProvider = (request: { stale?: string }) => string | Promise<string>;

/** The token of a client: remembered, renewed by its provider, asked for by one at a time. */
export class Tokens {
  private known: string | undefined;
  private asking: Promise<string> | undefined;
  private readonly provider: TokenProvider;

  constructor(token: string | TokenProvider) {
    this.provider = typeof token === 'string' ? fixed(token) : token;
  }

  get(): Promise<string> {
    return this.known === undefined ? this.ask({}) : Promise.resolve(this.known);
  }

  /** Another token than this one. */
  renew(stale: string): Promise<string> {
    if (this.known !== undefined && this.known !== stale) return Promise.resolve(this.known);
    return this.ask({ stale });
  }

  private ask(request: { stale?: string }): Promise<string> {
    this.asking ??= this.askOnce(request);
    return this.asking;
  }

  private async askOnce(request: { stale?: string }): Promise<string> {
    // Not before `asking` says so.
    await Promise.resolve();
    try {
      this.known = await this.provider(request);
      return this.known;
    } finally {
      this.asking = undefined;
    }
  }
}

function fixed(token: string): TokenProvider {
  return ({ stale }) => {
    if (stale !== token) return token;
    throw new MaruError(
      'token_expired',
      'The token is not taken any more, and there is no provider to ask.',
      false,
    );
  };
}
