import type { RoomEvent } from '@maru/contracts';
import { Silence } from './silence';

/** A stretch of a room that a client followed: every seq after `after` up to and with `last`. */
export interface Span {
  after: number;
  last: number;
  /** It ended with the client's own memberLeft, with roomDeleted, or with word of it at the next connect. */
  ended: boolean;
}

/** One room through the eyes of one client. */
export class RoomView {
  readonly spans: Span[] = [];
  /** Heard on the socket, by seq, as JSON. */
  readonly heard = new Map<number, string>();
  /** Fetched over REST after a `reset`. */
  readonly filled = new Map<number, string>();

  readonly silence = new Silence();

  constructor(private readonly userId: string) {}

  /** The last seq, while the client is in the room. */
  get open(): number | undefined {
    const span = this.spans.at(-1);
    return span === undefined || span.ended ? undefined : span.last;
  }

  /** Takes the next event; gives a word about what is wrong with it. */
  hear(event: RoomEvent, json: string): string | undefined {
    const { seq } = event;
    this.silence.broken();
    let wrong: string | undefined;
    const { open } = this;
    if (open === undefined) {
      const joined = event.type === 'memberJoined' && event.userId === this.userId;
      if (!joined) wrong = `${event.type} ${seq} came though he is not in the room`;
      this.spans.push({ after: seq - 1, last: seq, ended: false });
    } else if (seq !== open + 1) {
      wrong = `${event.type} ${seq} came after ${open}`;
      if (seq <= open) return wrong;
    }
    this.heard.set(seq, json);
    const span = this.spans.at(-1) as Span;
    span.last = seq;
    span.ended =
      event.type === 'roomDeleted' || (event.type === 'memberLeft' && event.userId === this.userId);
    return wrong;
  }

  /** The server says that the client stands at `seq` and has everything up to there. */
  stands(seq: number): string | undefined {
    if (this.open === undefined) this.spans.push({ after: seq, last: seq, ended: false });
    else if (this.open !== seq) return `ready says ${seq}, but ${this.open} was the last to come`;
    return undefined;
  }

  /** After a `reset`: goes on at `seq`; gives what has to be fetched. */
  jump(seq: number): { after: number; upTo: number } | undefined {
    const span = this.spans.at(-1);
    if (span === undefined || span.ended) {
      this.spans.push({ after: seq, last: seq, ended: false });
      return undefined;
    }
    const after = span.last;
    span.last = Math.max(seq, after);
    return { after, upTo: seq };
  }

  /** He was taken out of the room while he was away. */
  removed(): void {
    const span = this.spans.at(-1);
    if (span !== undefined) span.ended = true;
  }

  fill(seq: number, json: string): void {
    this.filled.set(seq, json);
  }
}
