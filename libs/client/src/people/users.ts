import type { Me, PublicUser, UpdateMe } from '@maru/contracts';
import type { Rest } from '../rest';

/** Users as others see them, and the user himself. What is asked rejects with a `MaruError`. */
export class Users {
  private readonly known = new Map<string, Promise<PublicUser>>();

  /** @internal */
  constructor(private readonly rest: Rest) {}

  /** Asked of the server once; `fresh` asks again. */
  get(userId: string, { fresh = false } = {}): Promise<PublicUser> {
    const before = this.known.get(userId);
    if (before !== undefined && !fresh) return before;
    const asked = this.rest.get<PublicUser>(`/users/${userId}`);
    this.known.set(userId, asked);
    // What failed may be asked again.
    asked.catch(() => this.known.delete(userId));
    return asked;
  }

  /** By a part of the name. */
  async find(query = '', limit = 50): Promise<PublicUser[]> {
    const { items } = await this.rest.get<{ items: PublicUser[] }>('/users', { query, limit });
    return items;
  }

  me(): Promise<Me> {
    return this.rest.get('/users/me');
  }

  updateMe(change: UpdateMe): Promise<Me> {
    return this.rest.ask('PATCH', '/users/me', { body: change, repeatable: true });
  }
}
