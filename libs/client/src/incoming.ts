import type { RoomEvent, ServerEvents } from '@maru/contracts';
import type { MaruEvents } from './maru-events';
import type { Outbox } from './outbox/outbox';
import type { Friends } from './people/friends';
import type { Feeds } from './rooms/feeds';
import type { Room } from './rooms/room';
import type { Rooms } from './rooms/rooms';
import type { Presence } from './signals/presence';
import type { ReadMarks } from './signals/read-marks';
import type { Typing } from './signals/typing';

interface Parts {
  feeds: Feeds;
  outbox: Outbox;
  rooms: Rooms;
  marks: ReadMarks;
  typing: Typing;
  presence: Presence;
  friends: Friends;
  me: () => string | undefined;
  /** A room that somebody has in hand. */
  handle: (roomId: string) => Room | undefined;
  tell: <E extends keyof MaruEvents>(event: E, body: MaruEvents[E]) => void;
}
type Ears = { [E in keyof ServerEvents]?: (body: ServerEvents[E]) => void };

/** Hands what the server tells to those whom it concerns. */
export class Incoming {
  private readonly ears: Ears;

  constructor(private readonly parts: Parts) {
    const { friends, presence, typing, tell } = parts;
    this.ears = {
      ready: ({ rooms }) => this.ready(rooms),
      read: ({ roomId, userId, seq }) => this.read(roomId, userId, seq),
      typing: ({ roomId, userId }) => {
        if (userId !== parts.me()) typing.heard(roomId, userId);
      },
      presence: (body) => presence.take(body),
      presences: ({ items }) => items.forEach((item) => presence.take(item)),
      friendRequested: (body) => friends.take('requested', body),
      friendAccepted: (body) => friends.take('accepted', body),
      friendDeclined: (body) => friends.take('declined', body),
      friendRemoved: (body) => friends.take('removed', body),
      friendUpdated: (body) => friends.updated(body),
      sessionStarted: (body) => tell('session', { ...body, what: 'started' }),
      sessionEnded: (body) => tell('session', { ...body, what: 'ended' }),
    };
  }

  /** Anything that comes, by its name. */
  hear(name: string, body: unknown): void {
    const ear = (this.ears as Record<string, ((body: never) => void) | undefined>)[name];
    if (ear !== undefined) ear(body as never);
    // Everything else with a seq is a room event; those of a later server too.
    else if (typeof (body as RoomEvent | undefined)?.seq === 'number')
      this.parts.feeds.take(body as RoomEvent);
  }

  /** The next event of a room. */
  deliver(event: RoomEvent): void {
    const { rooms, handle, tell, me } = this.parts;
    if (event.type === 'message') this.said(event);
    rooms.apply(event);
    handle(event.roomId)?.take(event);
    tell('event', event);
    if (event.type === 'message') tell('message', event);
    const gone = event.type === 'roomDeleted' || (event.type === 'memberLeft' && event.userId === me());
    if (gone) this.left(event.roomId);
  }

  /** Events of a room up to `seq` will not come. */
  skipped(roomId: string, seq: number): void {
    const { outbox, rooms, handle, tell } = this.parts;
    outbox.skipped(roomId, seq);
    rooms.refresh();
    handle(roomId)?.skipped(seq);
    tell('reset', { roomId, seq });
  }

  /** The events of a room may not be read any more. */
  out(roomId: string): void {
    this.left(roomId);
    // He may be in it again by now.
    this.parts.rooms.refresh();
  }

  private ready(at: ServerEvents['ready']['rooms']): void {
    for (const roomId of this.parts.feeds.ready(at)) this.left(roomId);
    // Markers may have moved meanwhile, and tell nothing of it.
    this.parts.rooms.online();
  }

  private read(roomId: string, userId: string, seq: number): void {
    const { marks, rooms, handle, me } = this.parts;
    if (userId === me()) {
      marks.moved(roomId, seq);
      rooms.markerMoved(roomId, seq);
    }
    handle(roomId)?.tell('read', { userId, seq });
  }

  private said(message: RoomEvent & { type: 'message' }): void {
    const { roomId, senderId, id, seq } = message;
    const { typing, outbox, marks, me } = this.parts;
    typing.quiet(roomId, senderId);
    if (senderId !== me()) return;
    outbox.arrived(roomId, id, message);
    marks.moved(roomId, seq);
  }

  private left(roomId: string): void {
    const { feeds, rooms, handle } = this.parts;
    feeds.forget(roomId);
    rooms.removed(roomId);
    handle(roomId)?.left();
  }
}
