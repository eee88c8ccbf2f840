import type { RoomEvent } from '@maru/contracts';
import { Silence } from './silence';

/** A stretch of a room that a client followed: every seq after `after` up to and with `last`. */
export interface Span {
  after: number;
  last: number;
  /** It ended with the client's own memberLeft, with roomDeleted, or with word of it at the next connect. */
  ended: boolean;
}

/** What came before `ready`: the missed events of a resume. `to`: where `ready` says that he stands as a member. */
export interface Resumed {
  from: number;
  last: number;
  to?: number;
}

/** One room through the eyes of one client. */
export class RoomView {
  readonly spans: Span[] = [];
  /** Heard on the socket, by seq, as JSON. */
  readonly heard = new Map<number, string>();
  /** Fetched over REST after a `reset`. */
  readonly filled = new Map<number, string>();
  /** Left out by a `reset`, and not to be had over REST since the client had been taken out of the room. */
  readonly outOfReach: { after: number; upTo: number }[] = [];
  readonly resumed: Resumed[] = [];
  readonly silence = new Silence();
  private resuming: Resumed | undefined;
  private opening = false;
  /** The server goes on where the client stood, in a room too that it has left. */
  private kept = false;
  /** What he was told instead of his own memberLeft: up to there he has what is his. */
  private outAt = 0;
  /** Within a resume: his own memberLeft has come, but not his next memberJoined. */
  private outside = false;
  /** Within a resume: what is wrong unless `ready` says `reset`. */
  private doubt: string | undefined;

  constructor(private readonly userId: string) {}

  /** The last seq, while the client is in the room. */
  get open(): number | undefined {
    const span = this.spans.at(-1);
    return span === undefined || span.ended ? undefined : span.last;
  }

  /** A connection is there; what comes until `ready` is what he missed. */
  connected(kept?: 'kept'): void {
    this.opening = true;
    this.kept = kept !== undefined;
    this.outside = false;
    this.resuming = this.doubt = undefined;
  }

  /** Takes the next event; gives a word about what is wrong with it. */
  hear(event: RoomEvent, json: string): string | undefined {
    this.silence.broken();
    const own = 'userId' in event && event.userId === this.userId;
    const joined = own && event.type === 'memberJoined';
    const ended = event.type === 'roomDeleted' || (own && event.type === 'memberLeft');
    const wrong = this.place(event, joined);
    const span = this.spans.at(-1) as Span;
    if (wrong !== undefined && event.seq <= span.last && this.heard.has(event.seq)) return wrong;
    this.heard.set(event.seq, json);
    span.last = Math.max(span.last, event.seq);
    if (this.opening) this.resume(event.seq, joined, ended);
    else span.ended = ended;
    return wrong;
  }

  /** The server says that the client stands at `seq` and has everything up to there. */
  stands(seq: number): string | undefined {
    const { doubt, open } = this;
    this.settled(seq);
    if (open === undefined) this.spans.push({ after: seq, last: seq, ended: false });
    else if (open !== seq) return `ready says ${seq}, but ${open} was the last to come`;
    return doubt;
  }

  /** After a `reset`: goes on at `seq`; gives what has to be fetched. */
  jump(seq: number): { after: number; upTo: number } | undefined {
    this.settled(seq);
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
  removed(seq: number): void {
    this.settled(undefined);
    this.outAt = seq;
    const span = this.spans.at(-1);
    if (span !== undefined) span.ended = true;
  }

  /** `ready` has come and did not name the room. */
  unnamed(): void {
    const span = this.spans.at(-1);
    if (span && this.outside) span.ended = true;
    this.settled(undefined);
  }

  fill(seq: number, json: string): void {
    this.filled.set(seq, json);
  }

  /** Whether the client has had the event, live or fetched. */
  has(seq: number): boolean {
    return this.heard.has(seq) || this.filled.has(seq);
  }

  private settled(seq: number | undefined): void {
    if (this.resuming && seq !== undefined) this.resuming.to = seq;
    this.opening = this.outside = false;
    this.resuming = this.doubt = undefined;
  }

  private place({ seq, type }: RoomEvent, joined: boolean): string | undefined {
    const { open } = this;
    if (open !== undefined && seq === open + 1) return undefined;
    if (this.goesOn(seq)) return undefined;
    if (open === undefined || (joined && this.opening && seq > open)) {
      const before = this.spans.at(-1);
      const when = this.opening ? ' within a resume' : '';
      const since = before === undefined ? ', and never was' : `${when}: he is out since ${before.last}`;
      this.spans.push({ after: seq - 1, last: seq, ended: false });
      if (open === undefined)
        return joined ? undefined : `${type} ${seq} came though he is not in the room${since}`;
      if (!this.outside) this.doubt = `${type} ${seq} came after ${open} within a resume`;
      return undefined;
    }
    return `${type} ${seq} came after ${open}`;
  }

  /** A kept session goes on in a room that the client had left, when its user is back there. */
  private goesOn(seq: number): boolean {
    const before = this.spans.at(-1);
    if (!this.opening || !this.kept || before?.ended !== true) return false;
    if (seq !== Math.max(before.last, this.outAt) + 1) return false;
    this.spans.push({ after: seq - 1, last: seq, ended: false });
    return (this.outside = true);
  }

  /** Who has left and come back while he was away may read on over the time between: the new membership reaches back. */
  private resume(seq: number, joined: boolean, ended: boolean): void {
    if (ended) this.outside = true;
    if (joined) this.outside = false;
    if (!this.resuming) this.resumed.push((this.resuming = { from: seq, last: seq }));
    this.resuming.last = seq;
  }
}
