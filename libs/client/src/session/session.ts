import type { LoggedIn, OwnUser, Tokens as TokenPair } from '@maru/contracts';
import { isMaruError, MaruError } from '../errors';
import { newId } from '../new-id';
import { Rest, type RestOptions } from '../rest';
import { MemoryStore, type Store } from '../store';
import { page } from '../surroundings';
import type { TokenProvider } from '../tokens';

export interface SessionOptions extends Pick<RestOptions, 'url' | 'fetch' | 'timing'> {
  /** Where the session survives a reload; in memory when left out. Who can read it is logged in. */
  store?: Store;
}
interface Kept {
  accessToken: string;
  refreshToken: string;
  /** By this machine's clock, in ms. */
  expiresAt: number;
  /** The id of the next renewal: repeated, after a reload too, it is the same one. */
  renewal: string;
  user: OwnUser;
}

const key = 'session';
/** A token with less left than this is renewed before it is given out. */
const spareMs = 30_000;

/**
 * A log-in with e-mail and password at Maru itself, whose tokens renew themselves: hand `session.token` to `connect`.
 * Tabs that share a store share the session. Who brings his own identity needs none of this.
 */
export class Session {
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly user: OwnUser,
    private readonly rest: Rest,
    private readonly store: Store,
  ) {}

  /** Makes an account. @throws MaruError `email_taken`, `weak_password` … */
  static signUp(
    options: SessionOptions,
    account: { email: string; name: string; password: string },
  ): Promise<OwnUser> {
    return new Rest(options).post('/users', account);
  }

  /** @throws MaruError `invalid_credentials` … */
  static async logIn(
    options: SessionOptions,
    account: { email: string; password: string },
  ): Promise<Session> {
    const { store = new MemoryStore() } = options;
    const rest = new Rest(options);
    const { user, ...tokens } = await rest.post<LoggedIn>('/auth/login', account);
    await store.set(key, JSON.stringify({ ...kept(tokens), user }));
    return new Session(user, rest, store);
  }

  /** The session that is in the store; undefined when there is none. Asks nobody. */
  static async restore(options: SessionOptions & { store: Store }): Promise<Session | undefined> {
    const found = await read(options.store);
    return found && new Session(found.user, new Rest(options), options.store);
  }

  /** For `connect`. */
  readonly token: TokenProvider = ({ stale }) =>
    this.inTurn(async () => {
      const now = await read(this.store);
      // Another tab may have logged out, and somebody else in, meanwhile.
      if (now?.user.id !== this.user.id)
        throw MaruError.from({ code: 'session_ended', message: 'Logged out: log in again.' });
      // Or it has renewed it.
      const fresh = now.accessToken !== stale && now.expiresAt - Date.now() > spareMs;
      return fresh ? now.accessToken : this.renew(now);
    });

  /** Ends the session here and, if it can be reached, at the server. */
  async logOut(): Promise<void> {
    const now = await read(this.store);
    if (now?.user.id !== this.user.id) return;
    await this.store.remove(key);
    await this.rest.post('/auth/logout', { refreshToken: now.refreshToken }, { repeatable: true });
  }

  /** A refresh token that was used twice, by two tabs or two clients, would end the session. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { locks } = page.navigator ?? {};
    const alone = locks === undefined ? work : () => locks.request('maru-session', work);
    const done = this.turn.then(alone);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async renew({ refreshToken, renewal, user }: Kept): Promise<string> {
    try {
      const body = { refreshToken, id: renewal };
      const tokens = await this.rest.post<TokenPair>('/auth/refresh', body, { repeatable: true });
      if (await this.holds(refreshToken))
        await this.store.set(key, JSON.stringify({ ...kept(tokens), user }));
      return tokens.accessToken;
    } catch (error) {
      if (isMaruError(error, 'refresh_token_invalid') && (await this.holds(refreshToken)))
        await this.store.remove(key);
      throw error;
    }
  }

  /** Whether nobody has logged out or in since it was read. */
  private async holds(refreshToken: string): Promise<boolean> {
    return (await read(this.store))?.refreshToken === refreshToken;
  }
}

function kept({ accessToken, refreshToken, expiresIn }: TokenPair): Omit<Kept, 'user'> {
  return { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1000, renewal: newId() };
}

async function read(store: Store): Promise<Kept | undefined> {
  const text = await store.get(key);
  return text === undefined ? undefined : (JSON.parse(text) as Kept);
}
