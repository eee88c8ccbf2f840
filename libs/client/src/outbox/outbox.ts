import { MaruError, toMaruError } from '../errors';
import type { ChatMessage, Content } from '../messages';
import type { Store } from '../store';
import { afterDropMs, Backoff, Pauses, type Timing } from '../timing';
import { OutboxShelf } from './outbox-shelf';

/** Where a message of one's own came to lie. */
export interface Placed {
  seq: number;
  createdAt: string;
}
export interface OutboxParts {
  timing: Timing;
  store: Store | undefined;
  /** Asks once. @throws MaruError */
  send(message: ChatMessage): Promise<Placed>;
  /** Resolves when there is a connection; rejects when there will be none. */
  online(): Promise<void>;
  /** Whether the room's event of this seq has come already. */
  passed(roomId: string, seq: number): boolean;
  /** One of a room's has changed. */
  changed(roomId: string): void;
}
const yes = (): boolean => true;
const no = (): boolean => false;

interface Waiter {
  resolve(placed: Placed): void;
  reject(error: MaruError): void;
}

/**
 * Messages of one's own that are not in their rooms yet. Each is sent until the server has answered it, always under
 * the same id; those of one room one after the other, so that they keep their order.
 */
export class Outbox {
  private readonly lanes = new Map<string, ChatMessage[]>();
  private readonly running = new Set<string>();
  private readonly waiters = new Map<string, Waiter>();
  private readonly pauses = new Pauses();
  private readonly shelf: OutboxShelf;
  private userId: string | undefined;
  private opened = false;
  private closed = false;

  constructor(private readonly parts: OutboxParts) {
    this.shelf = new OutboxShelf(parts.store);
  }

  /** Whose it is. Takes up what he left here before. */
  async open(userId: string): Promise<void> {
    if (this.userId !== undefined || this.closed) return;
    this.userId = userId;
    const left = await this.shelf.all(userId);
    const since = [...this.lanes.values()].flat();
    this.lanes.clear();
    for (const message of left) this.put(message);
    for (const message of since) this.put({ ...message, senderId: userId });
    this.opened = true;
    for (const roomId of this.lanes.keys()) this.run(roomId);
  }

  /** `sent` rejects when it was refused. */
  add(roomId: string, content: Content, id: string): Promise<Placed> {
    if (this.closed) return Promise.reject(MaruError.closed());
    const { kind = 'text', metadata = {} } = content;
    const createdAt = new Date().toISOString();
    const senderId = this.userId ?? '';
    const sent = this.settled(id);
    this.put({ ...content, id, roomId, senderId, kind, metadata, createdAt, state: 'sending' });
    this.run(roomId);
    return sent;
  }

  /** Those of a room, in the order in which they were sent. */
  of(roomId: string): readonly ChatMessage[] {
    return this.lanes.get(roomId) ?? [];
  }

  /** Sends one that has failed again; a new id only where the old one is taken. */
  retry(roomId: string, id: string, newId: () => string): Promise<Placed> {
    const message = this.find(roomId, id);
    if (message?.state !== 'failed') return Promise.reject(MaruError.from({ code: 'message_not_found' }));
    const { error, ...rest } = message;
    this.remove(message);
    const again = error?.code === 'id_conflict' ? newId() : id;
    const sent = this.settled(again);
    this.put({ ...rest, id: again, state: 'sending', createdAt: new Date().toISOString() });
    this.run(roomId);
    return sent;
  }

  /** Forgets one. It may have arrived all the same, when it was under way. */
  discard(roomId: string, id: string): void {
    const message = this.find(roomId, id);
    if (message === undefined) return;
    this.remove(message);
    this.reject(id, new MaruError('closed', 'It was discarded.', false));
  }

  /** Its own event has come, maybe before the answer, maybe by another device. */
  arrived(roomId: string, id: string, placed: Placed): void {
    const message = this.find(roomId, id);
    if (message === undefined) return;
    this.remove(message);
    this.resolve(id, placed);
  }

  /** Events up to there will not come: what is sent and lies below is in the history. */
  skipped(roomId: string, upTo: number): void {
    for (const message of this.of(roomId)) if ((message.seq ?? Infinity) <= upTo) this.remove(message);
  }

  close(): void {
    this.closed = true;
    this.pauses.endAll();
    for (const id of [...this.waiters.keys()]) this.reject(id, MaruError.closed());
  }

  private run(roomId: string): void {
    if (this.running.has(roomId) || this.closed || !this.opened) return;
    this.running.add(roomId);
    void this.sendAll(roomId);
  }

  private async sendAll(roomId: string): Promise<void> {
    const backoff = new Backoff(this.parts.timing);
    for (;;) {
      // What waits when a client ends for good is kept for the next one.
      const online = await this.parts.online().then(yes, no);
      const next = this.of(roomId).find(({ state }) => state === 'sending');
      if (!online || next === undefined || this.closed) {
        // In the same moment: what is added after it finds that nobody is sending.
        this.running.delete(roomId);
        return;
      }
      await this.sendOne(next, backoff);
    }
  }

  private async sendOne(message: ChatMessage, backoff: Backoff): Promise<void> {
    try {
      this.acked(message, await this.parts.send(message));
      backoff.reset();
    } catch (error) {
      const refusal = toMaruError(error);
      if (!refusal.retryable) return this.refused(message, refusal);
      const { code, retryAfterMs } = refusal;
      await this.pauses.wait(code === 'network' ? afterDropMs : (retryAfterMs ?? backoff.next()));
    }
  }

  private acked(message: ChatMessage, { seq, createdAt }: Placed): void {
    // Its event may have been quicker, or was there before it was sent again.
    if (this.parts.passed(message.roomId, seq)) this.remove(message);
    else if (this.find(message.roomId, message.id)) this.put({ ...message, state: 'sent', seq, createdAt });
    this.resolve(message.id, { seq, createdAt });
  }

  private refused(message: ChatMessage, error: MaruError): void {
    if (this.find(message.roomId, message.id) !== undefined) this.put({ ...message, state: 'failed', error });
    this.reject(message.id, error);
  }

  private put(message: ChatMessage): void {
    const lane = this.lanes.get(message.roomId) ?? [];
    const at = lane.findIndex(({ id }) => id === message.id);
    const next = at < 0 ? [...lane, message] : lane.with(at, message);
    this.lanes.set(message.roomId, next);
    if (message.senderId !== '') this.shelf.keep(message);
    this.parts.changed(message.roomId);
  }

  private remove({ roomId, id, senderId }: ChatMessage): void {
    this.lanes.set(
      roomId,
      this.of(roomId).filter((other) => other.id !== id),
    );
    this.shelf.drop(senderId, id);
    this.parts.changed(roomId);
  }

  private find(roomId: string, id: string): ChatMessage | undefined {
    return this.of(roomId).find((message) => message.id === id);
  }

  private settled(id: string): Promise<Placed> {
    const sent = new Promise<Placed>((resolve, reject) => this.waiters.set(id, { resolve, reject }));
    // Who does not wait for it sees the message's state.
    sent.catch(() => undefined);
    return sent;
  }

  private resolve(id: string, placed: Placed): void {
    this.waiters.get(id)?.resolve(placed);
    this.waiters.delete(id);
  }

  private reject(id: string, error: MaruError): void {
    this.waiters.get(id)?.reject(error);
    this.waiters.delete(id);
  }
}
