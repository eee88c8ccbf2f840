import type { RoomEvent } from '@maru/contracts';
import { isMaruError } from '../errors';
import { Backoff, Pauses, type Timing } from '../timing';

export interface FeedParts {
  timing: Timing;
  /** The events of a room after a seq, in order, a page of them. */
  fetch(roomId: string, after: number): Promise<RoomEvent[]>;
  deliver(event: RoomEvent): void;
  /** Events up to `seq` were left out: there were too many of them, some are not kept any more, or the server went back. */
  skipped(roomId: string, seq: number): void;
  /** Its events may not be read any more; this feed has ended. */
  out(roomId: string): void;
}

/** More missed events than this are not fetched one by one. */
const maxFilled = 2000;
/** More events than this are not kept while a gap before them is filled; they are fetched too. */
const maxHeld = 500;

/** The events of one room: each once, in order, without a gap. */
export class Feed {
  /** The last one that was delivered; undefined before the first is known. */
  last: number | undefined;
  private readonly held = new Map<number, RoomEvent>();
  private goal = 0;
  private filling = false;
  private ended = false;
  private readonly pauses = new Pauses();

  constructor(
    readonly roomId: string,
    private readonly parts: FeedParts,
  ) {}

  take(event: RoomEvent): void {
    if (this.ended || event.seq <= (this.last ?? 0)) return;
    if (this.last === undefined || event.seq === this.last + 1) {
      this.deliver(event);
      this.deliverHeld();
      return;
    }
    if (this.held.size < maxHeld) this.held.set(event.seq, event);
    this.fillTo(event.seq);
  }

  /** Where the connection says that this room stands: what follows comes by itself, what is missing before does not. */
  stand(seq: number, reset: boolean): void {
    if (this.ended) return;
    if (this.last === undefined) this.last = seq;
    else if (reset && seq < this.last) this.skipTo(seq);
    else this.fillTo(seq);
  }

  end(): void {
    this.ended = true;
    this.held.clear();
    this.pauses.endAll();
  }

  private deliver(event: RoomEvent): void {
    this.last = event.seq;
    this.held.delete(event.seq);
    this.parts.deliver(event);
  }

  private deliverHeld(): void {
    for (;;) {
      const next = this.held.get((this.last ?? 0) + 1);
      if (next === undefined || this.ended) return;
      this.deliver(next);
    }
  }

  private skipTo(seq: number): void {
    this.last = seq;
    for (const at of [...this.held.keys()]) if (at <= seq) this.held.delete(at);
    this.parts.skipped(this.roomId, seq);
    this.deliverHeld();
  }

  private fillTo(seq: number): void {
    this.goal = Math.max(this.goal, seq);
    if (!this.filling) void this.fill();
  }

  private async fill(): Promise<void> {
    this.filling = true;
    const backoff = new Backoff(this.parts.timing);
    while (!this.ended && this.missing > 0) {
      if (this.missing > maxFilled) {
        this.skipTo(this.goal);
        break;
      }
      const went = await this.fetchOnce();
      if (went === 'out') this.out();
      else if (went === 'forgotten') this.skipTo(this.goal);
      else if (went === 'closed') this.end();
      else if (went === 'on') backoff.reset();
      else await this.pauses.wait(backoff.next());
    }
    this.filling = false;
  }

  private out(): void {
    // Of one that was let go of meanwhile nothing is told: there may be another by now.
    if (this.ended) return;
    this.end();
    this.parts.out(this.roomId);
  }

  private get missing(): number {
    return this.goal - (this.last ?? 0);
  }

  private async fetchOnce(): Promise<'on' | 'later' | 'out' | 'forgotten' | 'closed'> {
    const before = this.last ?? 0;
    try {
      for (const event of await this.parts.fetch(this.roomId, before)) this.take(event);
    } catch (error) {
      if (isMaruError(error, 'closed')) return 'closed';
      if (isMaruError(error, 'events_forgotten')) return 'forgotten';
      return isMaruError(error, 'not_a_member', 'room_not_found') ? 'out' : 'later';
    }
    return (this.last ?? 0) > before ? 'on' : 'later';
  }
}
