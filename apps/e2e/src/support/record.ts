import type { ReadyRoom, RoomEvent } from '@maru/contracts';
import { canonical } from './canonical';
import { RoomView } from './room-view';

/** What became of a message, as its sender knows it. `unknown`: no answer, so it may be there once or not at all. */
export type Outcome =
  { kind: 'acked'; seq: number } | { kind: 'refused'; code: string } | { kind: 'unknown' };

export interface Sent {
  roomId: string;
  id: string;
  text: string;
  messageKind: string;
  outcome: Outcome;
  /** Of the first try, as `performance.now()` has it. */
  at: number;
  /** From the first try to the answer, in ms. */
  tookMs: number;
  /** A try went without an answer, or got one that leaves open whether it is done: it may be there all the same. */
  doubtful: boolean;
  /** How each try ended. */
  tries: string[];
}

/** A change of a room's members. It carries no id of the client's: each try stands here by itself. */
export interface Asked {
  what: 'create' | 'join' | 'add' | 'leave' | 'remove';
  roomId: string;
  /** Whom it is about; the asker himself when he joins or leaves. */
  userIds: readonly string[];
  outcome: Outcome;
}

/** A read marker that was moved; `seq` of the outcome is where it stood then. */
export interface MarkedRead {
  roomId: string;
  seq: number;
  outcome: Outcome;
}

/** What one client wrote down: what it sent, what was answered, and what it heard. Nothing in it is looked up. */
export class ClientRecord {
  readonly sent: Sent[] = [];
  readonly asked: Asked[] = [];
  readonly reads: MarkedRead[] = [];
  readonly views = new Map<string, RoomView>();
  /** Whatever came that should not have come so, in words. */
  readonly disorders: string[] = [];
  /** Server events that take no seq, in the order they came. */
  readonly signals: { name: string; body: unknown }[] = [];
  private opening = false;

  constructor(
    readonly userId: string,
    readonly label: string,
    /** Shared by many records, so that an event is kept once for all who heard it. */
    private readonly pool = new Map<string, string>(),
  ) {}

  hear(event: RoomEvent): void {
    const wrong = this.view(event.roomId).hear(event, this.intern(event));
    if (wrong !== undefined) this.disorders.push(`${this.label}, room ${event.roomId}: ${wrong}`);
  }

  /** A connection is there, and not `ready` yet. `kept`: by a session that knows its place in each room. */
  connected(kept?: 'kept'): void {
    for (const view of this.views.values()) view.connected(kept);
    this.opening = true;
  }

  /** The server has named every room of the user; `connected()` came before. */
  allReady(rooms: Readonly<Record<string, ReadyRoom>>): void {
    this.opening = false;
    for (const [roomId, view] of this.views) if (!Object.hasOwn(rooms, roomId)) view.unnamed();
  }

  /** Takes in where the server says that the connection stands; gives the seqs to fetch after a `reset`. */
  ready(roomId: string, at: ReadyRoom): { after: number; upTo: number } | undefined {
    const view = this.view(roomId);
    if ('removed' in at) {
      view.removed(at.seq);
      return undefined;
    }
    const wrong = at.reset ? undefined : view.stands(at.seq);
    if (wrong !== undefined) this.disorders.push(`${this.label}, room ${roomId}: ${wrong}`);
    return at.reset ? view.jump(at.seq) : undefined;
  }

  /** What a `reset` left out was refused over REST: the client is no longer in the room. */
  outOfReach(roomId: string, after: number, upTo: number): void {
    this.view(roomId).outOfReach.push({ after, upTo });
  }

  /** Puts in what was fetched over REST. */
  fill(roomId: string, events: readonly RoomEvent[]): void {
    for (const event of events) this.view(roomId).fill(event.seq, this.intern(event));
  }

  /** The last seq of each room that it is in, as a resume names them. */
  lastSeqs(): Record<string, number> {
    return Object.fromEntries(
      [...this.views].flatMap(([roomId, view]) => (view.open === undefined ? [] : [[roomId, view.open]])),
    );
  }

  /** The last seq heard of a room; 0 before the first. */
  last(roomId: string): number {
    return this.views.get(roomId)?.spans.at(-1)?.last ?? 0;
  }

  /** The last seq of a room, while it is in it. */
  open(roomId: string): number | undefined {
    return this.views.get(roomId)?.open;
  }

  /** The room's events that it heard live, in order. */
  heard(roomId: string): RoomEvent[] {
    const view = this.views.get(roomId);
    return view === undefined ? [] : [...view.heard.values()].map((json) => JSON.parse(json) as RoomEvent);
  }

  /** From now on it is noted how long each room is silent. */
  watchSilence(): void {
    for (const view of this.views.values()) view.silence.start();
  }

  /** The longest time without an event, of any of its rooms, in ms. */
  get longestSilenceMs(): number {
    return Math.max(0, ...[...this.views.values()].map((view) => view.silence.longestMs));
  }

  heardCount(roomId: string): number {
    return this.views.get(roomId)?.heard.size ?? 0;
  }

  /** How many of the room's events were fetched instead. */
  filledCount(roomId: string): number {
    return this.views.get(roomId)?.filled.size ?? 0;
  }

  private view(roomId: string): RoomView {
    let view = this.views.get(roomId);
    if (view === undefined) {
      this.views.set(roomId, (view = new RoomView(this.userId)));
      if (this.opening) view.connected();
    }
    return view;
  }

  private intern(event: RoomEvent): string {
    const json = JSON.stringify(event);
    let text = this.pool.get(json);
    if (text === undefined) this.pool.set(json, (text = canonical(event)));
    return text;
  }
}
