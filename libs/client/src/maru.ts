import type { RoomEvent } from '@maru/contracts';
import { completed, type ConnectOptions } from './connect-options';
import { Connection, type ConnectionState } from './connection/connection';
import { insist } from './connection/insist';
import { Emitter } from './emitter';
import { MaruError } from './errors';
import { Incoming } from './incoming';
import type { MaruEvents } from './maru-events';
import { Outbox } from './outbox/outbox';
import { Friends } from './people/friends';
import { Users } from './people/users';
import { Rest } from './rest';
import { Feeds } from './rooms/feeds';
import { Room } from './rooms/room';
import { Rooms } from './rooms/rooms';
import { Presence } from './signals/presence';
import { ReadMarks } from './signals/read-marks';
import { Typing } from './signals/typing';
import { Pauses, type Timing } from './timing';
import { Tokens } from './tokens';

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
  private readonly incoming: Incoming;
  private readonly feeds: Feeds;
  private readonly outbox: Outbox;
  private readonly marks: ReadMarks;
  private readonly typing: Typing;
  private readonly pauses = new Pauses();
  private readonly timing: Timing;

  /** @internal */
  constructor(given: ConnectOptions) {
    super();
    const options = completed(given);
    const { url, store, timing, WebSocket } = options;
    this.timing = timing;
    const tokens = new Tokens(options.token);
    this.rest = new Rest({ url, token: tokens, timing, ...(options.fetch && { fetch: options.fetch }) });
    this.users = new Users(this.rest);
    this.friends = new Friends(this.rest);
    const me = (): string | undefined => this.user;
    const online = (): Promise<void> => this.connection.online();
    this.rooms = new Rooms({
      ...{ timing, rest: this.rest, me },
      begin: (roomId, seq) => this.feeds.begin(roomId, seq),
    });
    this.feeds = new Feeds({
      timing,
      fetch: async (roomId, after) => {
        const path = `/rooms/${roomId}/events`;
        return (await this.rest.get<{ items: RoomEvent[] }>(path, { after, limit: 100 })).items;
      },
      deliver: (event) => this.incoming.deliver(event),
      skipped: (roomId, seq) => this.incoming.skipped(roomId, seq),
      out: (roomId) => this.incoming.out(roomId),
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
      tell: (state) => void this.connection.ask('presence', { state }).catch(() => undefined),
      read: (roomId) => this.rest.get(`/rooms/${roomId}/presence`),
    });
    const { feeds, outbox, rooms, marks, typing, presence, friends } = this;
    this.incoming = new Incoming({
      ...{ feeds, outbox, rooms, marks, typing, presence, friends, me },
      handle: (roomId) => this.handles.get(roomId),
      tell: (event, body) => this.emit(event, body),
    });
    this.connection = new Connection(
      { url, tokens, WebSocket, timing },
      {
        resume: () => this.feeds.positions(),
        user: (userId) => this.isUser(userId),
        hear: (event, body) => this.incoming.hear(event, body),
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
      timing: this.timing,
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
      insist: (event, payload) => insist(this.connection, this.timing, event, payload),
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
      for (const room of this.handles.values()) room.end();
      this.typing.close();
      this.presence.end();
      this.pauses.endAll();
    }
    this.emit('state', { state, ...(error && { error }) });
  }
}
