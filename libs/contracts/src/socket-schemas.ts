import { z } from 'zod';
import { sessionId } from './auth';
import { roomEvent, type RoomEventType, signal } from './chat';
import { type ErrorCode, errorTable } from './errors';
import { presenceState } from './presence';
import { streamAnswers, type StreamReply } from './requests';
import { type AckBodies, type ClosingCode, closingTable, type ServerEvents, socketEventName } from './socket';
import { userUpdated } from './users';
import { clientId, instant, roomId, seq, userId } from './values';

/** What a client is told of an error, whatever door it uses. */
export const errorBody = z
  .object({
    code: z.enum(Object.keys(errorTable) as ErrorCode[]),
    message: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.int().exactOptional(),
  })
  .meta({ id: 'Error' });

const placed = z.object({ seq });
/** What an ack holds beside `ok: true`. */
export const ackBodies: { [E in keyof AckBodies]: z.ZodType<AckBodies[E]> } = {
  joinRoom: z.object({ roomId, seq }),
  leaveRoom: z.object({ roomId, seq }),
  sendMessage: z.object({
    id: clientId,
    seq,
    createdAt: instant,
    duplicate: z.literal(true).exactOptional(),
  }),
  editMessage: placed,
  deleteMessage: placed,
  addReaction: placed,
  removeReaction: placed,
  read: z.object({ readSeq: seq }),
  typing: z.object({}),
  presence: z.object({}),
  authenticate: z.object({ expiresAt: instant }),
};

const friendNotice = z.object({ userId, friendId: userId, at: instant }).meta({ id: 'FriendNotice' });
const sessionNotice = z.object({ sessionId, at: instant }).meta({ id: 'SessionNotice' });
const presenceNotice = z
  .object({ userId, state: presenceState, lastSeen: instant.exactOptional() })
  .meta({ id: 'PresenceNotice' });
const readyRoom = z
  .union([z.object({ seq, reset: z.boolean() }), z.object({ removed: z.literal(true), seq })])
  .meta({ id: 'ReadyRoom' });

const replies = Object.entries(streamAnswers).flatMap(([type, answer]) => {
  const head = { id: clientId, type: z.literal(type) };
  return [
    z.object({ ...head, ok: z.literal(true), answer }),
    z.object({ ...head, ok: z.literal(false), error: errorBody }),
  ];
});

/** What is no room event, by its name on sockets. The types of socket.ts hold it to what is sent. */
const others: {
  [E in Exclude<keyof ServerEvents, 'newMessage' | RoomEventType>]: z.ZodType<ServerEvents[E]>;
} = {
  ...signalBodies(),
  friendRequested: friendNotice,
  friendAccepted: friendNotice,
  friendDeclined: friendNotice,
  friendRemoved: friendNotice,
  friendUpdated: userUpdated.pick({ userId: true, name: true, statusMessage: true, at: true }),
  presence: presenceNotice,
  presences: z.object({ items: z.array(presenceNotice) }),
  sessionStarted: sessionNotice,
  sessionEnded: sessionNotice,
  reply: z.union(replies) as unknown as z.ZodType<StreamReply>,
  ready: z.object({ rooms: z.record(roomId, readyRoom) }),
  closing: z.object({
    code: z.enum(Object.keys(closingTable) as ClosingCode[]),
    reconnect: z.boolean(),
    retryAfterMs: z.int().min(0).exactOptional(),
  }),
};

/** Signals as sockets tell them: the event's name says the type. */
function signalBodies() {
  const [read, typing] = signal.options;
  return { read: read.omit({ type: true }), typing: typing.omit({ type: true }) };
}

/** Room events by their name on sockets. */
export const socketRoomEvents: Record<string, z.ZodType> = Object.fromEntries(
  roomEvent.options.map((event) => [socketEventName(event.shape.type.value), event]),
);

/** Every server event's body, by name. */
export const serverEventBodies: Record<string, z.ZodType> = { ...socketRoomEvents, ...others };
