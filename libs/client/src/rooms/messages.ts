import type { RoomEvent, SeenRoom } from '@maru/contracts';
import { toMaruError } from '../errors';
import type { ChatMessage } from '../messages';
import type { Outbox } from '../outbox/outbox';
import type { Rest } from '../rest';
import { Backoff, Pauses, type Timing } from '../timing';
import type { Feeds } from './feeds';
import { type Page, Timeline, withOutbox } from './timeline';

export interface MessagesParts {
  timing: Timing;
  rest: Rest;
  feeds: Feeds;
  outbox: Outbox;
  me: () => string | undefined;
}
interface Query {
  before?: number;
  limit: number;
}

/** The messages of a room, read page by page from the newest back, and kept as they read now by the room's events. */
export class RoomMessages {
  hasOlder = true;
  private timeline: Timeline;
  private isOpen = false;
  /** Somebody wants it open, with so many messages at first. */
  private wanted: number | undefined;
  private isRetried = false;
  private isEnded = false;
  private readonly backoff: Backoff;
  private readonly pauses = new Pauses();
  /** Pages are read one after the other. */
  private turn: Promise<unknown> = Promise.resolve();
  private snapshot: readonly ChatMessage[] | undefined;

  constructor(
    private readonly roomId: string,
    private readonly parts: MessagesParts,
    private readonly changed: () => void,
  ) {
    this.timeline = new Timeline(parts.me);
    this.backoff = new Backoff(parts.timing);
  }

  /** Another array after each change; one that was given out never changes. */
  get now(): readonly ChatMessage[] {
    this.snapshot ??= withOutbox(this.timeline.messages, this.parts.outbox.of(this.roomId));
    return this.snapshot;
  }

  /** What cannot be read now is read as soon as it can be. */
  open(limit: number): Promise<void> {
    this.wanted = limit;
    const opened = this.inTurn(() => this.openNow());
    opened.catch((error: unknown) => this.retry(error));
    return opened;
  }

  online(): void {
    if (this.due !== undefined) void this.open(this.due).catch(() => undefined);
  }

  close(): void {
    this.wanted = undefined;
    this.pauses.endAll();
    this.forget();
  }

  /** What is there stays; nothing is asked any more. */
  end(): void {
    this.isEnded = true;
    this.pauses.endAll();
  }

  /** @returns how many there were */
  older(limit: number): Promise<number> {
    return this.inTurn(async () => {
      const before = this.timeline.oldest;
      if (!this.isOpen || !this.hasOlder || before === undefined) return 0;
      return this.readPage({ before, limit });
    });
  }

  /** Reads back until the message of this seq is there. @returns whether it is */
  async back(seq: number, limit: number): Promise<boolean> {
    while (this.hasOlder && (this.timeline.oldest ?? Infinity) > seq) {
      if ((await this.older(limit)) === 0) break;
    }
    return this.timeline.has(seq);
  }

  apply(event: RoomEvent): void {
    if (!this.isOpen && !this.timeline.expectsPage) return;
    this.timeline.apply(event);
    this.renew();
  }

  /** Too much was missed: what is there begins anew from the newest. */
  skipped(): void {
    if (this.wanted === undefined) return;
    this.forget();
    this.online();
  }

  /** The room's outbox, or its timeline, is another one. */
  renew(): void {
    this.snapshot = undefined;
    this.changed();
  }

  /** So many are wanted, and not there. */
  private get due(): number | undefined {
    return this.isOpen || this.isEnded ? undefined : this.wanted;
  }

  private async openNow(): Promise<void> {
    // Once more where it has begun anew meanwhile; not where it was closed.
    while (this.wanted !== undefined && !this.isOpen) await this.readPage({ limit: this.wanted });
    this.backoff.reset();
  }

  /** A connection that holds does not come anew: what failed is asked again without. */
  private async retry(error: unknown): Promise<void> {
    const { retryable, retryAfterMs } = toMaruError(error);
    if (!retryable || this.due === undefined || this.isRetried) return;
    this.isRetried = true;
    await this.pauses.wait(retryAfterMs ?? this.backoff.next());
    this.isRetried = false;
    this.online();
  }

  private forget(): void {
    this.isOpen = false;
    this.timeline = new Timeline(this.parts.me);
    this.hasOlder = true;
    this.renew();
  }

  private async readPage(query: Query): Promise<number> {
    const { timeline } = this;
    await this.begin();
    timeline.expectPage();
    try {
      const path = `/rooms/${this.roomId}/messages`;
      const page = await this.parts.rest.get<Page>(path, { ...query });
      timeline.take(page);
      // Closed, or begun anew, meanwhile.
      if (timeline !== this.timeline) return 0;
      this.isOpen = true;
      this.hasOlder = page.items.length === query.limit;
      return page.items.length;
    } finally {
      timeline.pageDone();
      if (timeline === this.timeline) this.renew();
    }
  }

  /** Where nothing is known of the room's events yet, they begin at its head, before a page is read that may know more. */
  private async begin(): Promise<void> {
    const { feeds, rest } = this.parts;
    if (feeds.position(this.roomId) !== undefined) return;
    const { seq } = await rest.get<SeenRoom>(`/rooms/${this.roomId}`);
    feeds.begin(this.roomId, seq);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}
