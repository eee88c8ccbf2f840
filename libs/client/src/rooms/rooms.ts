import type { MyRoom, Posted, Room as RoomBody, RoomEvent } from '@maru/contracts';
import { Emitter } from '../emitter';
import { toMaruError } from '../errors';
import type { Content } from '../messages';
import { newId } from '../new-id';
import { listed, type Rest } from '../rest';
import { Backoff, Pauses, type Timing } from '../timing';
import { RoomList } from './room-list';

export interface RoomsEvents {
  /** `list` reads differently now. */
  change: readonly MyRoom[];
}
export interface NewRoom {
  name: string;
  visibility: 'public' | 'private';
  /** At most 100. */
  memberIds?: string[];
}
interface RoomsParts {
  timing: Timing;
  rest: Rest;
  me: () => string | undefined;
  /** A room of the list stands at this seq: events from there on are wanted. */
  begin(roomId: string, seq: number): void;
}

/** What several events want at once is asked for once. */
const refreshAfterMs = 150;
const ignored = (): void => undefined;

/** The user's rooms: a list that stays as it is now, and what there is to find and make. */
export class Rooms extends Emitter<RoomsEvents> {
  private readonly known: RoomList;
  private snapshot: readonly MyRoom[] | undefined;
  /** Somebody looks at the list. */
  private isWanted = false;
  private isLoaded = false;
  private reading: Promise<void> | undefined;
  /** Something came that the last reading that was begun may not know of. */
  private isOwed = false;
  private isKeptUp = false;
  private isEnded = false;
  private pauseMs = refreshAfterMs;
  private readonly backoff: Backoff;
  private readonly pauses = new Pauses();

  /** @internal */
  constructor(private readonly parts: RoomsParts) {
    super();
    this.known = new RoomList(parts.me);
    this.backoff = new Backoff(parts.timing);
  }

  /** The newest activity first, with last message and unread count; empty until `load()`. Another array after a change. */
  get list(): readonly MyRoom[] {
    this.snapshot ??= this.known.sorted();
    return this.snapshot;
  }

  /** Whether the list has been read; before that it is empty. */
  get loaded(): boolean {
    return this.isLoaded;
  }

  get(roomId: string): MyRoom | undefined {
    return this.known.get(roomId);
  }

  /** Reads the list; from now on it is kept up, also where this fails and may be done later. @throws MaruError */
  load(): Promise<void> {
    this.isWanted = true;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  /** Public rooms, by a part of their name if wanted. */
  findPublic(query?: string): AsyncGenerator<RoomBody, void, undefined> {
    return listed(this.parts.rest, '/rooms/public', { query });
  }

  /** @throws MaruError */
  create(room: NewRoom): Promise<RoomBody> {
    return this.parts.rest.post('/rooms', { id: newId(), ...room }, { repeatable: true });
  }

  /**
   * Writes to a user; the room of the two, in the answer, is made the first time. Repeated under the same id it is said
   * once, also where nobody knows whether it was done. @throws MaruError
   */
  sendDirect(userId: string, content: string | Content, id = newId()): Promise<Posted> {
    const message = typeof content === 'string' ? { text: content } : content;
    return this.parts.rest.post(`/direct/${userId}/messages`, { ...message, id }, { repeatable: true });
  }

  /** @internal */
  apply(event: RoomEvent): void {
    if (!this.isWanted) return;
    if (this.known.apply(event)) this.refresh();
    this.renew();
  }

  /** @internal The user's own marker has moved, here or elsewhere. */
  markerMoved(roomId: string, seq: number): void {
    // A list that is being read may say where it was before.
    if (this.known.read(roomId, seq) || this.reading !== undefined) this.refresh();
    this.renew();
  }

  /** @internal */
  removed(roomId: string): void {
    this.known.remove(roomId);
    this.renew();
  }

  /** @internal Asks for the list again, if anybody looks at it. */
  refresh(): void {
    if (!this.isWanted) return;
    this.isOwed = true;
    if (!this.isKeptUp) void this.keepUp();
  }

  /** @internal There is a connection again: what waits for another try waits no longer. */
  online(): void {
    this.backoff.reset();
    this.pauseMs = refreshAfterMs;
    this.pauses.endAll();
    this.refresh();
  }

  /** @internal */
  end(): void {
    this.isEnded = true;
    this.pauses.endAll();
  }

  private async keepUp(): Promise<void> {
    this.isKeptUp = true;
    while (this.isOwed && !this.isEnded) {
      await this.pauses.wait(this.pauseMs);
      await this.reading?.catch(ignored);
      if (this.isOwed && !this.isEnded) await this.load().catch(ignored);
    }
    this.isKeptUp = false;
  }

  private async read(): Promise<void> {
    this.isOwed = false;
    this.known.expect();
    const all: MyRoom[] = [];
    try {
      for await (const room of listed<MyRoom>(this.parts.rest, '/rooms', { limit: 100 })) all.push(room);
    } catch (error) {
      this.failed(error);
      throw error;
    }
    this.backoff.reset();
    this.pauseMs = refreshAfterMs;
    this.known.take(all);
    this.isLoaded = true;
    for (const { id, seq } of all) if (this.known.get(id) !== undefined) this.parts.begin(id, seq);
    this.renew();
  }

  private failed(error: unknown): void {
    const { retryable, retryAfterMs } = toMaruError(error);
    if (!retryable) return;
    this.pauseMs = retryAfterMs ?? this.backoff.next();
    this.refresh();
  }

  private renew(): void {
    this.snapshot = undefined;
    this.emit('change', this.list);
  }
}
