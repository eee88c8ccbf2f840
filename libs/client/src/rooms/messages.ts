import type { RoomEvent, SeenRoom } from '@maru/contracts';
import type { ChatMessage } from '../messages';
import type { Outbox } from '../outbox/outbox';
import type { Rest } from '../rest';
import type { Feeds } from './feeds';
import { type Page, Timeline, withOutbox } from './timeline';

export interface MessagesParts {
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
  /** Pages are read one after the other. */
  private turn: Promise<unknown> = Promise.resolve();
  private snapshot: readonly ChatMessage[] | undefined;

  constructor(
    private readonly roomId: string,
    private readonly parts: MessagesParts,
    private readonly changed: () => void,
  ) {
    this.timeline = new Timeline(parts.me);
  }

  /** Another array after each change; one that was given out never changes. */
  get now(): readonly ChatMessage[] {
    this.snapshot ??= withOutbox(this.timeline.messages, this.parts.outbox.of(this.roomId));
    return this.snapshot;
  }

  /** What cannot be read now is read when there is a connection again. */
  open(limit: number): Promise<void> {
    this.wanted = limit;
    return this.inTurn(async () => {
      if (this.isOpen) return;
      const { timeline } = this;
      const read = await this.readPage({ limit });
      // Closed meanwhile.
      if (timeline !== this.timeline) return;
      this.isOpen = true;
      this.hasOlder = read === limit;
    });
  }

  online(): void {
    if (this.wanted !== undefined && !this.isOpen) void this.open(this.wanted).catch(() => undefined);
  }

  close(): void {
    this.wanted = undefined;
    this.forget();
  }

  /** @returns how many there were */
  older(limit: number): Promise<number> {
    return this.inTurn(async () => {
      const before = this.timeline.oldest;
      if (!this.isOpen || !this.hasOlder || before === undefined) return 0;
      const read = await this.readPage({ before, limit });
      this.hasOlder = read === limit;
      return read;
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
    if (!this.isOpen) return;
    this.forget();
    this.online();
  }

  /** The room's outbox, or its timeline, is another one. */
  renew(): void {
    this.snapshot = undefined;
    this.changed();
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
