import { z } from 'zod';
import { sessionId } from './auth';
import { createRoom, editMessage, messageSeq, myRoomPage, postMessage, room } from './chat';
import type { ErrorBody } from './errors';
import { askFriends, friendPage, friendRequests, friendsQuery } from './friends';
import { ownState } from './presence';
import { type TopicName, topics } from './topics';
import { findUsers, me, statusMessage, userPage } from './users';
import { clientId, instant, listQuery, reaction, roomId, seq, userId } from './values';

// ---- `POST /api/commands`: asked beside an open stream, answered on it as `reply` ----

const asked = <T extends string, S extends z.core.$ZodLooseShape>(type: T, body: S) =>
  z.strictObject({ id: clientId, type: z.literal(type), ...body });

/** Each body is that of the REST route that does the same. `id` names the reply; a new room and a message have it too. */
const myRooms = asked('myRooms', listQuery.shape);
const myFriends = asked('myFriends', friendsQuery.shape);
const findSome = asked('findUsers', findUsers.shape);
const addFriends = asked('addFriends', askFriends.shape);
const setStatus = asked('setStatus', { statusMessage });
const openRoom = asked('openRoom', createRoom.omit({ id: true }).shape);
const sendMessage = asked('sendMessage', { roomId, ...postMessage.omit({ id: true }).shape });
const editOne = asked('editMessage', { roomId, seq: messageSeq, ...editMessage.shape });
const deleteOne = asked('deleteMessage', { roomId, seq: messageSeq });
const addReaction = asked('addReaction', { roomId, seq: messageSeq, reaction });
const removeReaction = asked('removeReaction', { roomId, seq: messageSeq, reaction });
const presence = asked('presence', { state: ownState });
const logOut = asked('logOut', {});

export const streamCommand = z
  .discriminatedUnion('type', [
    myRooms,
    myFriends,
    findSome,
    addFriends,
    setStatus,
    openRoom,
    sendMessage,
    editOne,
    deleteOne,
    addReaction,
    removeReaction,
    presence,
    logOut,
  ])
  .meta({ id: 'StreamCommand' });
export type StreamCommand = z.infer<typeof streamCommand>;
export type StreamCommandType = StreamCommand['type'];

/** The answer to `POST /api/commands`: what was asked is on its way, and its reply will have this id. */
export const streamCommandTaken = z.object({ id: clientId });

const placedAt = z.object({ seq });
const sent = z.object({ id: clientId, seq, createdAt: instant, duplicate: z.literal(true).optional() });

/** What a `reply` that is ok holds as its `answer`. */
export const streamAnswers = {
  myRooms: myRoomPage,
  myFriends: friendPage,
  findUsers: userPage,
  addFriends: friendRequests,
  setStatus: me,
  openRoom: room,
  sendMessage: sent,
  editMessage: placedAt,
  deleteMessage: placedAt,
  addReaction: placedAt,
  removeReaction: placedAt,
  presence: z.object({ state: ownState }),
  logOut: z.object({ id: sessionId }),
} as const satisfies Record<StreamCommandType, z.ZodType>;
export type StreamAnswers = { [T in StreamCommandType]: z.infer<(typeof streamAnswers)[T]> };

/** What became of a command, by the `id` that it was asked with. */
export type StreamReply = { id: string; type: StreamCommandType } & (
  { ok: true; answer: StreamAnswers[StreamCommandType] } | { ok: false; error: ErrorBody }
);

// ---- Over Kafka: request and reply, from the gateway to the service that owns what is asked ----

const ofUser = <C extends z.ZodType>(topic: TopicName, command: C) => ({
  topic,
  /** `asker`: of the token that the gateway has verified. Nobody else may write to these topics. */
  schema: z.object({ asker: z.object({ userId, sessionId }), command }),
});

/**
 * Requests that Nest handlers take by `@MessagePattern(type)`. A message and what is done to one go to `chat.commands`
 * without a detour, and `presence` is of the streams themselves.
 */
export const requestContracts = {
  myRooms: ofUser(topics.chatRequests, myRooms),
  myFriends: ofUser(topics.usersRequests, myFriends),
  findUsers: ofUser(topics.usersRequests, findSome),
  addFriends: ofUser(topics.usersRequests, addFriends),
  setStatus: ofUser(topics.usersRequests, setStatus),
  openRoom: ofUser(topics.chatRequests, openRoom),
  logOut: ofUser(topics.authRequests, logOut),
} as const;
export type RequestType = keyof typeof requestContracts;
export type RequestOf<T extends RequestType> = z.infer<(typeof requestContracts)[T]['schema']>;

/** The answer to a request, on `replies`. */
export type RequestReply = { ok: true; answer: unknown } | { ok: false; error: ErrorBody };

/** `stream.replies`, key userId: a reply whose stream is at another gateway than the one that was asked. */
export const streamReply = z.object({
  userId,
  sessionId,
  reply: z.custom<StreamReply>((value) => typeof value === 'object' && value !== null),
});
