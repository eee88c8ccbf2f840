import type { ServiceEnv } from '@maru/service-kit';

/** A service that could not be reached is passed over for so long, while another one can be. */
const passOverMs = 1000;

/** One service's addresses, taken in turn. */
export class Upstream {
  private turn = 0;
  private readonly downUntil = new Map<string, number>();

  constructor(private readonly urls: readonly string[]) {}

  /** Addresses in the order in which to try them: those that were down a moment ago come last. */
  order(): string[] {
    const first = this.turn++ % this.urls.length;
    const inTurn = [...this.urls.slice(first), ...this.urls.slice(0, first)];
    const now = Date.now();
    const isDown = (url: string): boolean => (this.downUntil.get(url) ?? 0) > now;
    return [...inTurn.filter((url) => !isDown(url)), ...inTurn.filter(isDown)];
  }

  down(url: string): void {
    this.downUntil.set(url, Date.now() + passOverMs);
  }
}

/** Which service answers for a path of the public door; `undefined`: there is nothing at this address. */
export function upstreamsOf(
  env: Pick<ServiceEnv, 'USERS_URL' | 'AUTH_URL' | 'CHAT_URL'>,
): (path: string) => Upstream | undefined {
  const chat = new Upstream(env.CHAT_URL);
  const byPrefix = new Map([
    ['users', new Upstream([env.USERS_URL])],
    ['auth', new Upstream([env.AUTH_URL])],
    ['rooms', chat],
    ['direct', chat],
  ]);
  return (path) => {
    // A path with dots could mean another one to who resolves it.
    if (/(^|\/|\\)(\.|%2e){1,2}(\/|\\|$)/i.test(path)) return undefined;
    const match = /^\/api\/([a-z]+)(\/|$)/.exec(path);
    return byPrefix.get(match?.[1] ?? '');
  };
}
