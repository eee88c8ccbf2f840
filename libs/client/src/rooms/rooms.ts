import type { MyRoom, Posted, Room as RoomBody, RoomEvent } from '@maru/contracts';
import { Emitter } from '../emitter';
import type { Content } from '../messages';
import { newId } from '../new-id';
import { listed, type Rest } from '../rest';
import { Pauses } from '../timing';
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
  rest: Rest;
  me: () => string | undefined;
  /** A room of the list stands at this seq: events from there on are wanted. */
  begin(roomId: string, seq: number): void;
}

/** What several events want at once is asked for once. */
const refreshAfterMs = 150;

/** The user's rooms: a list that stays as it is now, and what there is to find and make. */
export class Rooms extends Emitter<RoomsEvents> {
  private readonly known: RoomList;
  private snapshot: readonly MyRoom[] | undefined;
  private isLoaded = false;
  private reading: Promise<void> | undefined;
  private refreshing = false;
  private readonly pauses = new Pauses();

  /** @internal */
  constructor(private readonly parts: RoomsParts) {
    super();
    this.known = new RoomList(parts.me);
  }

  /** The newest activity first, with last message and unread count; empty until `load()`. Another array after a change. */
  get list(): readonly MyRoom[] {
    this.snapshot ??= this.known.sorted();
    return this.snapshot;
  }

  get(roomId: string): MyRoom | undefined {
    return this.known.get(roomId);
  }

  /** Reads the list; from now on it is kept up. @throws MaruError */
  load(): Promise<void> {
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

  /** Writes to a user; the room of the two, in the answer, is made the first time. @throws MaruError */
  sendDirect(userId: string, content: string | Content): Promise<Posted> {
    const message = typeof content === 'string' ? { text: content } : content;
    return this.parts.rest.post(
      `/direct/${userId}/messages`,
      { id: newId(), ...message },
      { repeatable: true },
    );
  }

  /** @internal */
  apply(event: RoomEvent): void {
    if (!this.isLoaded && !this.reading) return;
    if (this.known.apply(event)) this.refresh();
    this.renew();
  }

  /** @internal The user's own marker has moved, here or elsewhere. */
  markerMoved(roomId: string, seq: number): void {
    if (this.known.read(roomId, seq)) this.refresh();
    this.renew();
  }

  /** @internal */
  removed(roomId: string): void {
    this.known.remove(roomId);
    this.renew();
  }

  /** @internal Asks for the list again, if anybody looks at it. */
  refresh(): void {
    if (!this.isLoaded || this.refreshing) return;
    this.refreshing = true;
    void this.pauses
      .wait(refreshAfterMs)
      .then(() => {
        this.refreshing = false;
        return this.reading;
      })
      .catch(() => undefined)
      .then(() => this.load())
      .catch(() => undefined);
  }

  /** @internal */
  end(): void {
    this.isLoaded = false;
    this.pauses.endAll();
  }

  private async read(): Promise<void> {
    const all: MyRoom[] = [];
    for await (const room of listed<MyRoom>(this.parts.rest, '/rooms', { limit: 100 })) all.push(room);
    this.known.take(all);
    this.isLoaded = true;
    for (const { id, seq } of all) this.parts.begin(id, seq);
    this.renew();
  }

  private renew(): void {
    this.snapshot = undefined;
    this.emit('change', this.list);
  }
}
