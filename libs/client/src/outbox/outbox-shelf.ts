import { MaruError } from '../errors';
import type { ChatMessage } from '../messages';
import type { Store } from '../store';

const keyOf = (userId: string, id = ''): string => `outbox/${userId}/${id}`;

/** Keeps what is not sent yet over a reload, by user: nobody sends what another has written. */
export class OutboxShelf {
  /** Writes follow each other, also where the store takes its time. */
  private last: Promise<unknown> | undefined;

  constructor(private readonly store: Store | undefined) {}

  keep({ error, ...message }: ChatMessage): void {
    // One that is sent needs no more of us.
    if (message.state === 'sent') return this.drop(message.senderId, message.id);
    const text = JSON.stringify(error ? { ...message, error: plain(error) } : message);
    this.write((store) => store.set(keyOf(message.senderId, message.id), text));
  }

  drop(userId: string, id: string): void {
    if (userId !== '') this.write((store) => store.remove(keyOf(userId, id)));
  }

  /** The oldest first. */
  async all(userId: string): Promise<ChatMessage[]> {
    const found: ChatMessage[] = [];
    try {
      for (const key of (await this.store?.keys(keyOf(userId))) ?? []) {
        const message = readable(await this.store?.get(key));
        if (message?.senderId === userId) found.push(message);
      }
    } catch {
      // A store that cannot be read is no reason not to talk.
    }
    return found.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  }

  /** At once where the store takes no time: a page may be gone the next moment. */
  private write(work: (store: Store) => unknown): void {
    const { store } = this;
    if (store === undefined) return;
    const done = this.last === undefined ? attempt(() => work(store)) : this.last.then(() => work(store));
    if (!(done instanceof Promise)) return;
    const last: Promise<unknown> = done
      .catch(() => undefined)
      .finally(() => {
        if (this.last === last) this.last = undefined;
      });
    this.last = last;
  }
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const plain = ({ code, message, retryable }: MaruError) => ({ code, message, retryable });

function readable(text: string | undefined): ChatMessage | undefined {
  try {
    const { error, ...message } = JSON.parse(text ?? '') as ChatMessage;
    return error === undefined
      ? message
      : { ...message, error: new MaruError(error.code, error.message, error.retryable) };
  } catch {
    return undefined;
  }
}
