import { isMaruError, type Maru, type OwnUser } from '@maru/client';

/** Names by user id, asked for when somebody wants to show one. */
export class Names {
  private readonly known = new Map<string, string>();
  private readonly asked = new Set<string>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly maru: Maru,
    me: OwnUser,
  ) {
    this.known.set(me.id, me.name);
  }

  /** Undefined while it is not here yet. */
  of(userId: string): string | undefined {
    if (!this.known.has(userId) && !this.asked.has(userId)) void this.ask(userId);
    return this.known.get(userId);
  }

  /** One that came with something else. */
  learn(userId: string, name: string): void {
    if (this.known.get(userId) === name) return;
    this.known.set(userId, name);
    for (const listener of [...this.listeners]) listener();
  }

  /** Hears of names that have come. @returns what ends it */
  on(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private async ask(userId: string): Promise<void> {
    this.asked.add(userId);
    try {
      this.learn(userId, (await this.maru.users.get(userId)).name);
    } catch (error) {
      if (isMaruError(error, 'user_not_found', 'not_found')) this.learn(userId, 'Deleted user');
      // What could not be asked now is asked when it is wanted again.
      else this.asked.delete(userId);
    }
  }
}
