import { z } from 'zod';
import {
  changePassword,
  endedSession,
  loggedIn,
  logIn,
  passwordChanged,
  refresh,
  refreshToken,
  sessionId,
  sessionPage,
  tokens,
} from './auth';
import {
  addMember,
  createRoom,
  editMessage,
  eventPage,
  eventsQuery,
  markRead,
  memberPage,
  message,
  messagePage,
  messageSeqParam,
  messagesQuery,
  myRoomPage,
  posted,
  postMessage,
  publicRoomsQuery,
  readPosition,
  room,
  roomPage,
  roomPosition,
  seenRoom,
  updateMember,
  updateRoom,
} from './chat';
import type { ErrorCode } from './errors';
import {
  askFriends,
  block,
  blockedUserPage,
  blockUser,
  friendPage,
  friendRequests,
  friendship,
  friendsQuery,
} from './friends';
import { streamCommand, streamCommandTaken } from './requests';
import {
  accessToken,
  createServerRoom,
  endedSessions,
  externalIdParam,
  postServerMessage,
  putServerUser,
  type ServerScope,
} from './server';
import { mailbox } from './mailbox';
import { mutedRoom, muteRoom, notificationSettings, quietHours } from './notifications';
import { roomPresence } from './presence';
import { findUsers, me, ownUser, publicUser, signUp, updateMe, userPage } from './users';
import { instant, listQuery, reaction, roomId, userId } from './values';

/** One REST route as the public door has it. */
export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With parameters in braces, as OpenAPI has them. */
  path: string;
  summary: string;
  /** `user`: needs an access token; `server`: a server key with this scope. */
  access: 'public' | 'user' | 'server';
  scope?: ServerScope;
  params?: Record<string, z.ZodType>;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** By status; `null`: an answer without body. */
  answers: Record<number, z.ZodType | null>;
  /** The answer is a stream of events (`text/event-stream`) that does not end. */
  endless?: true;
  /** What it may be refused with, beside what every route may. */
  errors: readonly ErrorCode[];
}

/** What any route may be refused with; those with a token and with a body add theirs. */
export const commonErrors = {
  every: ['rate_limited', 'internal', 'unavailable'],
  user: ['unauthenticated', 'token_expired', 'session_ended'],
  server: ['unauthenticated', 'forbidden'],
  input: ['bad_request'],
  body: ['invalid_json', 'payload_too_large', 'unsupported_media_type'],
} as const satisfies Record<string, readonly ErrorCode[]>;

/** A command goes over the log: it may wait too long, or its answer may be lost. */
const command: readonly ErrorCode[] = ['too_busy', 'expired', 'outcome_unknown'];
const inRoom = { id: roomId };
const ofMessage = { ...inRoom, seq: messageSeqParam };
const noMessage: readonly ErrorCode[] = ['room_not_found', 'not_a_member', 'message_not_found'];
const user = 'user' as const;
const open = 'public' as const;

const users: readonly Route[] = [
  {
    method: 'post',
    path: '/api/users',
    summary: 'Sign up',
    access: open,
    body: signUp,
    answers: { 201: ownUser },
    errors: ['weak_password', 'email_taken', 'signup_in_progress', 'outcome_unknown'],
  },
  {
    method: 'get',
    path: '/api/users',
    summary: 'Find users by name',
    access: user,
    query: findUsers,
    answers: { 200: userPage },
    errors: [],
  },
  {
    method: 'get',
    path: '/api/users/me',
    summary: 'Yourself, with the times of your last log-in and log-out',
    access: user,
    answers: { 200: me },
    errors: ['user_not_found'],
  },
  {
    method: 'patch',
    path: '/api/users/me',
    summary: 'Change your name or status message',
    access: user,
    body: updateMe,
    answers: { 200: me },
    errors: ['user_not_found'],
  },
  {
    method: 'delete',
    path: '/api/users/me',
    summary: 'Delete your account',
    access: user,
    answers: { 200: z.object({ id: userId }) },
    errors: ['user_not_found'],
  },
  {
    method: 'get',
    path: '/api/users/{id}',
    summary: 'A user as others see him',
    access: user,
    params: { id: userId },
    answers: { 200: publicUser },
    errors: ['user_not_found'],
  },
];

const stream: readonly Route[] = [
  {
    method: 'get',
    path: '/api/stream',
    summary: 'Live events of all your rooms as server-sent events; Last-Event-ID resumes them',
    access: user,
    query: z.object({ ticket: z.string().optional(), lastEventId: z.string().optional() }),
    answers: { 200: z.string() },
    endless: true,
    errors: [],
  },
  {
    method: 'post',
    path: '/api/stream/ticket',
    summary: 'A ticket for a client that can send no header (EventSource): for 30 s, once',
    access: user,
    answers: { 201: z.object({ ticket: z.string(), expiresAt: instant }) },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/commands',
    summary: 'Ask something whose outcome comes on your open stream as a `reply` with this id',
    access: user,
    body: streamCommand,
    answers: { 202: streamCommandTaken },
    errors: ['too_busy'],
  },
];

const ofUser = { id: userId };
const friends: readonly Route[] = [
  {
    method: 'get',
    path: '/api/users/me/friends',
    summary: 'Your friends, and who has asked whom; the newest first',
    access: user,
    query: friendsQuery,
    answers: { 200: friendPage },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/users/me/friends',
    summary: 'Ask users to be your friends, each with an outcome of its own; who has asked you is accepted',
    access: user,
    body: askFriends,
    answers: { 200: friendRequests },
    errors: ['user_not_found'],
  },
  {
    method: 'post',
    path: '/api/users/me/friends/{id}/accept',
    summary: 'Accept a request; `not_found` when there is none',
    access: user,
    params: ofUser,
    answers: { 200: friendship },
    errors: ['not_found', 'user_not_found'],
  },
  {
    method: 'post',
    path: '/api/users/me/friends/{id}/decline',
    summary: 'Decline a request',
    access: user,
    params: ofUser,
    answers: { 200: friendship },
    errors: ['user_not_found'],
  },
  {
    method: 'delete',
    path: '/api/users/me/friends/{id}',
    summary: 'End a friendship, take your request back, or decline one',
    access: user,
    params: ofUser,
    answers: { 200: friendship },
    errors: ['user_not_found'],
  },
  {
    method: 'get',
    path: '/api/users/me/blocks',
    summary: 'Whom you have blocked, the newest first',
    access: user,
    query: listQuery,
    answers: { 200: blockedUserPage },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/users/me/blocks',
    summary: 'Block a user: his direct messages and requests are refused, a friendship ends',
    access: user,
    body: blockUser,
    answers: { 200: block },
    errors: ['user_not_found'],
  },
  {
    method: 'delete',
    path: '/api/users/me/blocks/{id}',
    summary: 'End a block',
    access: user,
    params: ofUser,
    answers: { 200: block },
    errors: ['user_not_found'],
  },
];

const auth: readonly Route[] = [
  {
    method: 'post',
    path: '/api/auth/login',
    summary: 'Log in',
    access: open,
    body: logIn,
    answers: { 200: loggedIn },
    errors: ['invalid_credentials'],
  },
  {
    method: 'post',
    path: '/api/auth/refresh',
    summary: 'Exchange a refresh token for new tokens; one used twice, but under its `id`, ends the session',
    access: open,
    body: refresh,
    answers: { 200: tokens },
    errors: ['refresh_token_invalid'],
  },
  {
    method: 'post',
    path: '/api/auth/logout',
    summary: 'Log out: end the session of a refresh token',
    access: open,
    body: refreshToken,
    answers: { 204: null },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/auth/password',
    summary: 'Change the password; other sessions end',
    access: user,
    body: changePassword,
    answers: { 200: passwordChanged },
    errors: ['weak_password', 'invalid_credentials'],
  },
  {
    method: 'get',
    path: '/api/auth/sessions',
    summary: 'Your sessions',
    access: user,
    answers: { 200: sessionPage },
    errors: [],
  },
  {
    method: 'delete',
    path: '/api/auth/sessions/{id}',
    summary: 'End a session of yours',
    access: user,
    params: { id: sessionId },
    answers: { 200: endedSession },
    errors: ['session_not_found'],
  },
  {
    method: 'get',
    path: '/api/auth/.well-known/jwks.json',
    summary: 'The keys that access tokens are signed with (RFC 7517)',
    access: open,
    answers: { 200: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) },
    errors: [],
  },
];

const rooms: readonly Route[] = [
  {
    method: 'post',
    path: '/api/rooms',
    summary: 'Make a room with its first members, at most 100; 200 when it was made before with this id',
    access: user,
    body: createRoom,
    answers: { 201: room, 200: room },
    errors: ['user_not_found', 'id_conflict', ...command],
  },
  {
    method: 'get',
    path: '/api/rooms',
    summary: 'Your rooms, newest activity first',
    access: user,
    query: listQuery,
    answers: { 200: myRoomPage },
    errors: [],
  },
  {
    method: 'get',
    path: '/api/rooms/public',
    summary: 'Find public rooms by name',
    access: user,
    query: publicRoomsQuery,
    answers: { 200: roomPage },
    errors: [],
  },
  {
    method: 'get',
    path: '/api/rooms/{id}',
    summary: 'A room, your own or a public one',
    access: user,
    params: inRoom,
    answers: { 200: seenRoom },
    errors: ['room_not_found'],
  },
  {
    method: 'patch',
    path: '/api/rooms/{id}',
    summary: 'Rename it, open or close it, hand it over, or set its slow mode (moderators too)',
    access: user,
    params: inRoom,
    body: updateRoom,
    answers: { 200: room },
    errors: [
      'room_not_found',
      'not_a_member',
      'not_the_owner',
      'not_a_moderator',
      'user_not_found',
      'direct_room',
      ...command,
    ],
  },
  {
    method: 'delete',
    path: '/api/rooms/{id}',
    summary: 'Delete a room',
    access: user,
    params: inRoom,
    answers: { 200: roomPosition },
    errors: ['room_not_found', 'not_a_member', 'not_the_owner', 'direct_room', ...command],
  },
  {
    method: 'get',
    path: '/api/rooms/{id}/members',
    summary: 'The members',
    access: user,
    params: inRoom,
    query: listQuery,
    answers: { 200: memberPage },
    errors: ['room_not_found', 'not_a_member'],
  },
  {
    method: 'get',
    path: '/api/rooms/{id}/presence',
    summary: 'Who of the members is there; of more than 200 members only counts',
    access: user,
    params: inRoom,
    answers: { 200: roomPresence },
    errors: ['room_not_found', 'not_a_member'],
  },
  {
    method: 'post',
    path: '/api/rooms/{id}/join',
    summary: 'Join a public room',
    access: user,
    params: inRoom,
    answers: { 200: roomPosition },
    errors: ['room_not_found', ...command],
  },
  {
    method: 'post',
    path: '/api/rooms/{id}/members',
    summary: 'Add a user',
    access: user,
    params: inRoom,
    body: addMember,
    answers: { 200: roomPosition },
    errors: ['room_not_found', 'not_a_member', 'not_the_owner', 'user_not_found', 'direct_room', ...command],
  },
  {
    method: 'delete',
    path: '/api/rooms/{id}/members/{userId}',
    summary: 'Leave, or remove a member as the owner or a moderator',
    access: user,
    params: { id: roomId, userId },
    answers: { 200: roomPosition },
    errors: [
      'room_not_found',
      'not_a_member',
      'not_the_owner',
      'not_a_moderator',
      'user_not_found',
      'owner_must_hand_over',
      'direct_room',
      ...command,
    ],
  },
  {
    method: 'patch',
    path: '/api/rooms/{id}/members/{userId}',
    summary: 'Make a member a moderator or not (owner); mute him until a time, or end that (moderators too)',
    access: user,
    params: { id: roomId, userId },
    body: updateMember,
    answers: { 200: roomPosition },
    errors: [
      'room_not_found',
      'not_a_member',
      'not_the_owner',
      'not_a_moderator',
      'user_not_found',
      'direct_room',
      ...command,
    ],
  },
  {
    method: 'post',
    path: '/api/rooms/{id}/read',
    summary: 'Move your read marker forward',
    access: user,
    params: inRoom,
    body: markRead,
    answers: { 200: readPosition },
    errors: ['room_not_found', 'not_a_member', 'too_busy', 'outcome_unknown'],
  },
];

const notifications: readonly Route[] = [
  {
    method: 'get',
    path: '/api/mailbox',
    summary: 'What came while you had no connection and is not read, by room; the oldest first',
    access: user,
    answers: { 200: mailbox },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/rooms/{id}/mute',
    summary: 'Get no notifications of a room, until a time or for ever',
    access: user,
    params: inRoom,
    body: muteRoom,
    answers: { 200: mutedRoom },
    errors: ['room_not_found', 'not_a_member'],
  },
  {
    method: 'delete',
    path: '/api/rooms/{id}/mute',
    summary: 'Get notifications of a room again',
    access: user,
    params: inRoom,
    answers: { 204: null },
    errors: [],
  },
  {
    method: 'get',
    path: '/api/notifications',
    summary: 'How you are notified',
    access: user,
    answers: { 200: notificationSettings },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/notifications/quiet-hours',
    summary: 'Get no notifications between two times of each day',
    access: user,
    body: quietHours,
    answers: { 200: notificationSettings },
    errors: [],
  },
  {
    method: 'delete',
    path: '/api/notifications/quiet-hours',
    summary: 'Get notifications at all times',
    access: user,
    answers: { 200: notificationSettings },
    errors: [],
  },
];

const messages: readonly Route[] = [
  {
    method: 'post',
    path: '/api/rooms/{id}/messages',
    summary: 'Send a message; 200 with `duplicate` when it was sent before with this id',
    access: user,
    params: inRoom,
    body: postMessage,
    answers: { 201: message, 200: posted },
    errors: [...noMessage, 'user_not_found', 'id_conflict', 'muted', 'slow_mode', ...command],
  },
  {
    method: 'post',
    path: '/api/direct/{userId}/messages',
    summary: 'Send a message to a user; the room of the two is made the first time',
    access: user,
    params: { userId },
    body: postMessage,
    answers: { 201: message, 200: posted },
    errors: ['user_not_found', 'message_not_found', 'id_conflict', ...command],
  },
  {
    method: 'patch',
    path: '/api/rooms/{id}/messages/{seq}',
    summary: 'Edit a message of yours: another text, and whom it mentions',
    access: user,
    params: ofMessage,
    body: editMessage,
    answers: { 200: roomPosition },
    errors: [...noMessage, 'not_the_sender', 'muted', 'user_not_found', ...command],
  },
  {
    method: 'delete',
    path: '/api/rooms/{id}/messages/{seq}',
    summary: 'Delete a message: your own, or any as the owner or a moderator',
    access: user,
    params: ofMessage,
    answers: { 200: roomPosition },
    errors: [...noMessage, 'not_the_sender', 'not_a_moderator', ...command],
  },
  {
    method: 'post',
    path: '/api/rooms/{id}/messages/{seq}/reactions/{reaction}',
    summary: 'React to a message',
    access: user,
    params: { ...ofMessage, reaction },
    answers: { 200: roomPosition },
    errors: [...noMessage, 'muted', 'user_not_found', ...command],
  },
  {
    method: 'delete',
    path: '/api/rooms/{id}/messages/{seq}/reactions/{reaction}',
    summary: 'Take a reaction of yours back',
    access: user,
    params: { ...ofMessage, reaction },
    answers: { 200: roomPosition },
    errors: [...noMessage, ...command],
  },
  {
    method: 'get',
    path: '/api/rooms/{id}/messages',
    summary: 'Messages as they read now, by seq, ascending: the newest, or those before or after a seq',
    access: user,
    params: inRoom,
    query: messagesQuery,
    answers: { 200: messagePage },
    errors: ['room_not_found', 'not_a_member'],
  },
  {
    method: 'get',
    path: '/api/rooms/{id}/events',
    summary: 'Every event after a seq, without a hole',
    access: user,
    params: inRoom,
    query: eventsQuery,
    answers: { 200: eventPage },
    errors: ['room_not_found', 'not_a_member'],
  },
];

const server: readonly Route[] = [
  {
    method: 'put',
    path: '/api/server/users/{externalId}',
    summary: 'Make a user of yours, or change his name and picture',
    access: 'server',
    scope: 'users:write',
    params: { externalId: externalIdParam },
    body: putServerUser,
    answers: { 200: publicUser },
    errors: ['user_not_found'],
  },
  {
    method: 'post',
    path: '/api/server/users/{id}/tokens',
    summary: 'A short-lived access token for a user of yours',
    access: 'server',
    scope: 'sessions:write',
    params: ofUser,
    answers: { 201: accessToken },
    errors: ['user_not_found'],
  },
  {
    method: 'delete',
    path: '/api/server/users/{id}/sessions',
    summary: 'End all sessions of a user, whoever issued their tokens',
    access: 'server',
    scope: 'sessions:write',
    params: ofUser,
    answers: { 200: endedSessions },
    errors: ['user_not_found'],
  },
  {
    method: 'post',
    path: '/api/server/rooms',
    summary: 'Make a room, of a user or of the system; 200 when it was made before with this id',
    access: 'server',
    scope: 'rooms:write',
    body: createServerRoom,
    answers: { 201: room, 200: room },
    errors: ['user_not_found', 'id_conflict', ...command],
  },
  {
    method: 'post',
    path: '/api/server/rooms/{id}/members',
    summary: 'Add a user to any room but a direct one',
    access: 'server',
    scope: 'rooms:write',
    params: inRoom,
    body: addMember,
    answers: { 200: roomPosition },
    errors: ['room_not_found', 'user_not_found', 'direct_room', ...command],
  },
  {
    method: 'post',
    path: '/api/server/rooms/{id}/messages',
    summary: 'Send a message as the system, or as a member; 200 with `duplicate` when it was sent before',
    access: 'server',
    scope: 'messages:write',
    params: inRoom,
    body: postServerMessage,
    answers: { 201: message, 200: posted },
    errors: [...noMessage, 'user_not_found', 'id_conflict', 'muted', 'slow_mode', ...command],
  },
];

/** Every REST route, once. */
export const routes: readonly Route[] = [
  ...users,
  ...friends,
  ...auth,
  ...rooms,
  ...messages,
  ...notifications,
  ...stream,
  ...server,
];

/** All codes that a route may answer with. */
export function errorsOf({ access, params, query, body, errors }: Route): ErrorCode[] {
  return [
    ...errors,
    ...(params || query || body ? commonErrors.input : []),
    ...(body ? commonErrors.body : []),
    ...(access === 'public' ? [] : commonErrors[access]),
    ...commonErrors.every,
  ];
}
