import { CodedError, type ForeignUser } from '@maru/contracts';
import type { InternalClient } from '../internal/internal-client';

interface Known {
  claims: string;
  claimedAt: number;
  toldAt: number;
}

const most = 50_000;
/** How often changed claims of a user are told, at most. */
const tellAgainMs = 60_000;

/**
 * Users of other issuers that exist, as far as this process knows: of others api-users is told once, which makes them.
 * Their claims are told again when a newer token has others.
 */
export class KnownUsers {
  private readonly known = new Map<string, Known>();
  private readonly telling = new Map<string, Promise<unknown>>();

  constructor(private readonly users: InternalClient) {}

  /** Resolves once the user is there. @throws CodedError `unauthenticated` for one who was deleted, `unavailable`. */
  async mustBe(user: ForeignUser): Promise<void> {
    const claims = JSON.stringify([user.name, user.picture]);
    const known = this.known.get(user.id);
    if (known && !isNews(known, user, claims)) return this.put(user.id, known);
    try {
      await this.tell(user);
    } catch (error) {
      // Of one who is there only his new name waits, until it can be told.
      if (known === undefined || isDeleted(error)) throw error;
      return this.put(user.id, { ...known, toldAt: Date.now() });
    }
    this.put(user.id, { claims, claimedAt: user.claimedAt, toldAt: Date.now() });
  }

  /** He may have been deleted. */
  forget(userId: string): void {
    this.known.delete(userId);
  }

  /** Those who come at once with a user's first token wait for one call. */
  private async tell(user: ForeignUser): Promise<void> {
    const under = JSON.stringify(user);
    const call =
      this.telling.get(under) ??
      this.users.call('PUT', `/internal/users/${user.id}`, user).finally(() => this.telling.delete(under));
    this.telling.set(under, call);
    await call;
  }

  /** The longest unused go first. */
  private put(userId: string, known: Known): void {
    this.known.delete(userId);
    this.known.set(userId, known);
    if (this.known.size <= most) return;
    const [oldest = ''] = this.known.keys();
    this.known.delete(oldest);
  }
}

const isDeleted = (error: unknown): boolean =>
  error instanceof CodedError && error.code === 'unauthenticated';

const isNews = (known: Known, { claimedAt }: ForeignUser, claims: string): boolean =>
  claims !== known.claims && claimedAt > known.claimedAt && Date.now() - known.toldAt >= tellAgainMs;
