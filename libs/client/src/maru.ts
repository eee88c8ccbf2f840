import type { Message, RoomEvent, ServerEvents, SessionNotice } from '@maru/contracts';
import { completed, type ConnectOptions } from './connect-options';
import { Connection, type ConnectionState } from './connection/connection';
import { insist } from './connection/insist';
import { Emitter } from './emitter';
import { MaruError } from './errors';
import { Outbox } from './outbox/outbox';
import { Friends } from './people/friends';
import { Users } from './people/users';
import { Rest } from './rest';
import { Feeds } from './rooms/feeds';
import { Room } from './rooms/room';
import { Rooms } from './rooms/rooms';
import { Presence, type PresenceState } from './signals/presence';
import { ReadMarks } from './signals/read-marks';
import { Typing } from './signals/typing';
import { Pauses } from './timing';
import { Tokens } from './tokens';

export interface MaruEvents {
  /** `error`: why it is not online. */
  state: { state: ConnectionState; error?: MaruError };
  /** An event of any room: each once, in order per room, without a gap. */
  event: RoomEvent;
  /** Those of them that are messages. */
  message: Message;
  /** A log-in or log-out of the user's own, on any device. */
  session: SessionNotice & { what: 'started' | 'ended' };
}

/** Opens a client that stays connected until it is closed. Returns at once. */
export function connect(options: ConnectOptions): Maru {
  return new Maru(options);
}

/** A user's way into Maru: one connection, and what comes and goes over it. */
export class Maru extends Emitter<MaruEvents> {
  readonly users: Users;
  readonly friends: Friends;
  readonly rooms: Rooms;
  readonly presence: Presence;
  /** Any route of the HTTP API, with this client's token. */
  readonly rest: Rest;
  private user: string | undefined;
  private readonly handles = new Map<string, Room>();
  private readonly connection: Connection;
  private readonly feeds: Feeds;
  private readonly outbox: Outbox;
  private readonly marks: ReadMarks;
  private readonly typing: Typing;
  private readonly pauses = new Pauses();

  /** @internal */
  constructor(given: ConnectOptions) {
    super();
    const options = completed(given);
    const { url, store, timing, WebSocket } = options;
    const tokens = new Tokens(options.token);
    this.rest = new Rest({ url, token: tokens, timing, ...(options.fetch && { fetch: options.fetch }) });
    this.users = new Users(this.rest);
    this.friends = new Friends(this.rest);
    const me = (): string | undefined => this.user;
    const online = (): Promise<void> => this.connection.online();
    this.rooms = new Rooms({ rest: this.rest, me, begin: (roomId, seq) => this.feeds.begin(roomId, seq) });
    this.feeds = new Feeds({
      timing,
      fetch: async (roomId, after) => {
        const path = `/rooms/${roomId}/events`;
        return (await this.rest.get<{ items: RoomEvent[] }>(path, { after, limit: 100 })).items;
      },
      deliver: (event) => this.deliver(event),
      skipped: (roomId, seq) => this.skipped(roomId, seq),
    });
    this.outbox = new Outbox({
      timing,
      store,
      online,
      send: ({ roomId, id, text, kind, metadata, replyTo, mentions }) =>
        this.connection.ask('sendMessage', { roomId, text, kind, metadata, replyTo, mentions }, id),
      passed: (roomId, seq) => (this.feeds.position(roomId) ?? 0) >= seq,
      changed: (roomId) => this.handles.get(roomId)?.outboxChanged(),
    });
    this.marks = new ReadMarks({
      online,
      send: (roomId, seq) => this.connection.ask('read', { roomId, seq }),
      pause: (ms) => this.pauses.wait(ms),
    });
    this.typing = new Typing({
      // Nobody waits for it, and it is not worth a second try.
      send: (roomId) => void this.connection.ask('typing', { roomId }).catch(() => undefined),
      changed: (roomId, userIds) => this.handles.get(roomId)?.tell('typing', userIds),
    });
    this.presence = new Presence({
      // It is told again on the next connection.
      tell: (state) => void this.connection.ask('presence' as never, { state }).catch(() => undefined),
      read: (roomId) => this.rest.get(`/rooms/${roomId}/presence`),
    });
    this.connection = new Connection(
      { url, tokens, WebSocket, timing },
      {
        resume: () => this.feeds.positions(),
        user: (userId) => this.isUser(userId),
        hear: (event, body) => this.hear(event, body),
        state: (state, error) => this.turned(state, error),
      },
    );
    if (options.userId !== undefined) this.isUser(options.userId);
  }

  get state(): ConnectionState {
    return this.connection.state;
  }

  /** Whose connection it is; undefined until that is known. */
  get userId(): string | undefined {
    return this.user;
  }

  /** Resolves when there is a connection and everything that was missed is there. @throws MaruError why there is none */
  async online(): Promise<{ userId: string }> {
    await this.connection.online();
    return { userId: this.user ?? '' };
  }

  /** A room by its id, always the same object. Asks nobody. */
  room(roomId: string): Room {
    let room = this.handles.get(roomId);
    if (room === undefined) this.handles.set(roomId, (room = this.newRoom(roomId)));
    return room;
  }

  /** For good. What waits to be sent stays in the store. */
  close(): void {
    this.connection.close();
  }

  private newRoom(roomId: string): Room {
    return new Room(roomId, {
      rest: this.rest,
      feeds: this.feeds,
      outbox: this.outbox,
      typing: this.typing,
      marks: {
        move: (id, seq) => {
          this.marks.move(id, seq);
          this.rooms.markerMoved(id, seq);
        },
      },
      me: () => this.user,
      info: (id) => this.rooms.get(id),
      online: () => this.online(),
      insist: (event, payload) => insist(this.connection, event, payload),
    });
  }

  private isUser(userId: string): void {
    if (this.user !== undefined && this.user !== userId) {
      const message = 'This token is of another user than the one before: open a client of its own.';
      return this.connection.close(MaruError.from({ code: 'forbidden', message }));
    }
    this.user = userId;
    void this.outbox.open(userId);
  }

  private turned(state: ConnectionState, error: MaruError | undefined): void {
    if (state === 'online') {
      this.presence.ready();
      for (const room of this.handles.values()) room.online();
    }
    if (state === 'closed') {
      this.feeds.endAll();
      this.outbox.close();
      this.rooms.end();
      this.typing.close();
      this.presence.end();
      this.pauses.endAll();
    }
    this.emit('state', { state, ...(error && { error }) });
  }

  private hear(name: string, body: unknown): void {
    const hear = (this.ears as Record<string, ((body: never) => void) | undefined>)[name];
    if (hear !== undefined) hear(body as never);
    // Everything else with a seq is a room event; those of a later server too.
    else if (typeof (body as RoomEvent | undefined)?.seq === 'number') this.feeds.take(body as RoomEvent);
  }

  private readonly ears = {
    ready: ({ rooms }: ServerEvents['ready']) => {
      for (const roomId of this.feeds.ready(rooms)) this.left(roomId);
      // Markers may have moved meanwhile, and tell nothing of it.
      this.rooms.refresh();
    },
    read: ({ roomId, userId, seq }: ServerEvents['read']) => {
      if (userId === this.user) this.ownMarker(roomId, seq);
      this.handles.get(roomId)?.tell('read', { userId, seq });
    },
    typing: ({ roomId, userId }: ServerEvents['typing']) => {
      if (userId !== this.user) this.typing.heard(roomId, userId);
    },
    presence: (body: PresenceState) => this.presence.take(body),
    presences: ({ items }: { items: PresenceState[] }) => items.forEach((item) => this.presence.take(item)),
    friendRequested: (body: ServerEvents['friendRequested']) => this.friends.take('requested', body),
    friendAccepted: (body: ServerEvents['friendAccepted']) => this.friends.take('accepted', body),
    friendDeclined: (body: ServerEvents['friendDeclined']) => this.friends.take('declined', body),
    friendRemoved: (body: ServerEvents['friendRemoved']) => this.friends.take('removed', body),
    sessionStarted: (body: SessionNotice) => this.emit('session', { ...body, what: 'started' }),
    sessionEnded: (body: SessionNotice) => this.emit('session', { ...body, what: 'ended' }),
  };

  private deliver(event: RoomEvent): void {
    const { roomId, seq } = event;
    if (event.type === 'message') {
      this.typing.quiet(roomId, event.senderId);
      if (event.senderId === this.user) {
        this.outbox.arrived(roomId, event.id, event);
        this.marks.moved(roomId, seq);
      }
    }
    this.rooms.apply(event);
    this.handles.get(roomId)?.take(event);
    this.emit('event', event);
    if (event.type === 'message') this.emit('message', event);
    const gone = event.type === 'roomDeleted' || (event.type === 'memberLeft' && event.userId === this.user);
    if (gone) this.left(roomId);
  }

  private ownMarker(roomId: string, seq: number): void {
    this.marks.moved(roomId, seq);
    this.rooms.markerMoved(roomId, seq);
  }

  private skipped(roomId: string, seq: number): void {
    this.outbox.skipped(roomId, seq);
    this.rooms.refresh();
    this.handles.get(roomId)?.skipped(seq);
  }

  private left(roomId: string): void {
    this.feeds.forget(roomId);
    this.rooms.removed(roomId);
    this.handles.get(roomId)?.left();
  }
}
