import { z } from 'zod';
import type { ErrorBody } from './errors';
import { editMessage, type Message, messageSeq, type RoomEvent, roomEvent } from './chat';
import type { FriendEvent } from './friends';
import { ownState, type PresenceNotice } from './presence';
import type { StreamReply } from './requests';
import type { UserUpdated } from './users';
import { clientId, mentionedIds, messageKind, messageText, metadata, reaction, roomId, seq } from './values';

/** JSON as a string is taken for what it says; what is no JSON stays a string, which the schema refuses. */
const orJson = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

/**
 * `auth` of the Socket.IO handshake. `resume`: the last seq seen of each room; as JSON text too, since the
 * handshake of some clients (Java's) holds strings only.
 */
export const handshake = z.object({
  token: z.string().min(1).max(4096),
  resume: z.preprocess(orJson, z.record(roomId, seq).optional()),
});
export type Handshake = z.infer<typeof handshake>;

/** A message that something is done to. A client that names its `id` may ask again without doing it twice. */
const target = { roomId, seq: messageSeq, id: clientId.optional() };

/** What a client may send, by event name. Each is acked. */
export const clientEvents = {
  joinRoom: z.object({ roomId }),
  leaveRoom: z.object({ roomId }),
  /** `message` is taken as another name for `text`. */
  sendMessage: z.preprocess(
    (v) =>
      v !== null && typeof v === 'object' && 'message' in v && !('text' in v) ? { ...v, text: v.message } : v,
    z.object({
      roomId,
      text: messageText,
      id: clientId.optional(),
      kind: messageKind.default('text'),
      metadata: metadata.default({}),
      replyTo: messageSeq.optional(),
      mentions: mentionedIds.optional(),
    }),
  ),
  editMessage: z.object({ ...target, ...editMessage.shape }),
  deleteMessage: z.object(target),
  addReaction: z.object({ ...target, reaction }),
  removeReaction: z.object({ ...target, reaction }),
  read: z.object({ roomId, seq }),
  typing: z.object({ roomId }),
  presence: z.object({ state: ownState }),
  authenticate: z.object({ token: z.string().min(1).max(4096) }),
} as const;
export type ClientEvent = keyof typeof clientEvents;
export type ClientPayload<E extends ClientEvent> = z.infer<(typeof clientEvents)[E]>;

export type Ack<T extends object = object> = ({ ok: true } & T) | { ok: false; error: ErrorBody };
export interface AckBodies {
  joinRoom: { roomId: string; seq: number };
  leaveRoom: { roomId: string; seq: number };
  sendMessage: { id: string; seq: number; createdAt: string; duplicate?: true };
  editMessage: { seq: number };
  deleteMessage: { seq: number };
  addReaction: { seq: number };
  removeReaction: { seq: number };
  read: { readSeq: number };
  typing: object;
  presence: object;
  authenticate: { expiresAt: string };
}

/** Where a connection stands in each of its rooms once it is `ready`. */
export type ReadyRoom = { seq: number; reset: boolean } | { removed: true; seq: number };

/** What `userId` did, and to whom. */
export type FriendNotice = Pick<FriendEvent, 'userId' | 'friendId' | 'at'>;

/** What a friend is called now, and his status message. */
export type FriendUpdate = Pick<UserUpdated, 'userId' | 'name' | 'statusMessage' | 'at'>;

/** A session of the user's, and when it began or ended. */
export interface SessionNotice {
  sessionId: string;
  at: string;
}

type Of<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>;
/** What a client hears, by event name. */
export interface ServerEvents {
  newMessage: Message;
  messageEdited: Of<'messageEdited'>;
  messageDeleted: Of<'messageDeleted'>;
  reactionAdded: Of<'reactionAdded'>;
  reactionRemoved: Of<'reactionRemoved'>;
  roomCreated: Of<'roomCreated'>;
  memberJoined: Of<'memberJoined'>;
  memberLeft: Of<'memberLeft'>;
  roleChanged: Of<'roleChanged'>;
  memberMuted: Of<'memberMuted'>;
  roomUpdated: Of<'roomUpdated'>;
  roomDeleted: Of<'roomDeleted'>;
  read: { roomId: string; userId: string; seq: number };
  typing: { roomId: string; userId: string };
  friendRequested: FriendNotice;
  friendAccepted: FriendNotice;
  friendDeclined: FriendNotice;
  friendRemoved: FriendNotice;
  friendUpdated: FriendUpdate;
  /** A friend, or a member of a small room of the user's, is otherwise than before. */
  presence: PresenceNotice;
  /** His friends who are not offline, once after `ready`; not told when all of them are. */
  presences: { items: PresenceNotice[] };
  sessionStarted: SessionNotice;
  sessionEnded: SessionNotice;
  /** On a stream of the session that asked. */
  reply: StreamReply;
  ready: { rooms: Record<string, ReadyRoom> };
  /** `retryAfterMs`: when to come back; each client is told another time, so that they do not all come at once. */
  closing: { code: ClosingCode; reconnect: boolean; retryAfterMs?: number };
}

/** A room event's name on sockets: `message` is called `newMessage`, every other by its type. */
export const socketEventName = (type: RoomEvent['type']): keyof ServerEvents =>
  type === 'message' ? 'newMessage' : type;
/** The names of all room events on sockets. */
export const roomEventNames: readonly (keyof ServerEvents)[] = roomEvent.options.map(({ shape }) =>
  socketEventName(shape.type.value),
);

/**
 * Why the server ends a connection, and whether the client should come back. `status` is the close code where the
 * protocol is WebSocket: from 4400 on the client should not come back as it is. 1012 is WebSocket's own "service
 * restart".
 */
export const closingTable = {
  shutdown: { reconnect: true, status: 1012 },
  too_slow: { reconnect: true, status: 4001 },
  unavailable: { reconnect: true, status: 4002 },
  frame_too_large: { reconnect: false, status: 4400 },
  token_expired: { reconnect: false, status: 4401 },
  session_ended: { reconnect: false, status: 4402 },
} as const;
export type ClosingCode = keyof typeof closingTable;

/** The close codes of a WebSocket that was not let in: whether it may try again as it is. The reason is the error's code. */
export const refusalStatus = ({ retryable }: Pick<ErrorBody, 'retryable'>): number =>
  retryable ? 4010 : 4410;

/** How long a client may take to show its token, where the protocol carries it inside; in ms. */
export const helloMs = 5000;

/** The limits of a resume; beyond them a room is `reset: true`. */
export const resumeCaps = { eventsPerRoom: 500, eventsPerConnection: 5000 } as const;
/** The largest frame and body a client may send, in bytes. */
export const maxPayloadBytes = 64 * 1024;
