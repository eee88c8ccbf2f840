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
  /** From the first try to the answer, in ms. */
  tookMs: number;
  /** How each try ended. */
  tries: string[];
}

/** What one client wrote down: what it sent, what was answered, and what it heard. Nothing in it is looked up. */
export class ClientRecord {
  readonly sent: Sent[] = [];
  readonly views = new Map<string, RoomView>();
  /** Whatever came that should not have come so, in words. */
  readonly disorders: string[] = [];
  /** Server events that take no seq, in the order they came. */
  readonly signals: { name: string; body: unknown }[] = [];

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

  /** Takes in where the server says that the connection stands; gives the seqs to fetch after a `reset`. */
  ready(roomId: string, at: ReadyRoom): { after: number; upTo: number } | undefined {
    const view = this.view(roomId);
    if ('removed' in at) {
      view.removed();
      return undefined;
    }
    const wrong = at.reset ? undefined : view.stands(at.seq);
    if (wrong !== undefined) this.disorders.push(`${this.label}, room ${roomId}: ${wrong}`);
    return at.reset ? view.jump(at.seq) : undefined;
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
    if (view === undefined) this.views.set(roomId, (view = new RoomView(this.userId)));
    return view;
  }

  private intern(event: RoomEvent): string {
    const json = JSON.stringify(event);
    let text = this.pool.get(json);
    if (text === undefined) this.pool.set(json, (text = canonical(event)));
    return text;
  }
}
