import { z } from 'zod';
import {
  clientId,
  displayName,
  instant,
  limit,
  listQuery,
  mentionedIds,
  messageKind,
  messageText,
  metadata,
  reaction,
  roomId,
  searchText,
  seq,
  seqParam,
  userId,
} from './values';

// ---- Events: what happened. The same body on sockets, REST and Kafka (`chat.events`, key roomId). ----

/** At the top of every room event. `messageNo`: how many messages the room has up to and with this event. */
const head = { roomId, seq: z.int().min(1), messageNo: z.int().min(0), createdAt: instant };

export const visibility = z.enum(['public', 'private']);
export const roomKind = z.enum(['public', 'private', 'direct']);
export type RoomKind = z.infer<typeof roomKind>;
/** What a member is beside the owner. */
export const memberRole = z.enum(['moderator', 'member']);
export type MemberRole = z.infer<typeof memberRole>;
/** A message is addressed by (roomId, seq); seqs of messages begin at 1. */
export const messageSeq = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);
/** At most an hour between two messages of a member; 0: no slow mode. */
const slowModeSeconds = z.int().min(0).max(3600);
/** What was said in a room longer ago than this is forgotten. */
export const retentionDays = z.int().min(1).max(36_500);

export const roomCreated = z
  .object({
    type: z.literal('roomCreated'),
    ...head,
    name: z.string(),
    visibility: roomKind,
    ownerId: userId,
  })
  .meta({ id: 'RoomCreated' });
/**
 * `replyTo`: the seq of the message that it answers; `mentions`: those whom it names and who were members then.
 * `deleted`: only in what is read after its deletion; `text` is '' and `metadata` {} then.
 */
export const message = z
  .object({
    type: z.literal('message'),
    id: clientId,
    ...head,
    senderId: userId,
    text: z.string(),
    kind: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    replyTo: messageSeq.optional(),
    mentions: z.array(userId).optional(),
    deleted: z.literal(true).optional(),
  })
  .meta({ id: 'Message' });
/** Of the message at `messageSeq`: its text and mentions from now on. */
export const messageEdited = z
  .object({
    type: z.literal('messageEdited'),
    ...head,
    messageSeq,
    text: z.string(),
    mentions: z.array(userId).optional(),
    byId: userId,
  })
  .meta({ id: 'MessageEdited' });
export const messageDeleted = z
  .object({ type: z.literal('messageDeleted'), ...head, messageSeq, byId: userId })
  .meta({ id: 'MessageDeleted' });
export const reactionAdded = z
  .object({ type: z.literal('reactionAdded'), ...head, messageSeq, userId, reaction: z.string() })
  .meta({ id: 'ReactionAdded' });
export const reactionRemoved = z
  .object({ type: z.literal('reactionRemoved'), ...head, messageSeq, userId, reaction: z.string() })
  .meta({ id: 'ReactionRemoved' });
/** `mutedUntil`: he was muted when he left, and still is. */
export const memberJoined = z
  .object({
    type: z.literal('memberJoined'),
    ...head,
    userId,
    byId: userId,
    mutedUntil: instant.optional(),
  })
  .meta({ id: 'MemberJoined' });
export const memberLeft = z
  .object({ type: z.literal('memberLeft'), ...head, userId, byId: userId })
  .meta({ id: 'MemberLeft' });
export const roomUpdated = z
  .object({
    type: z.literal('roomUpdated'),
    ...head,
    name: z.string(),
    visibility: roomKind,
    ownerId: userId,
    byId: userId,
    /** Not in events from before there was a slow mode. */
    slowModeSeconds: slowModeSeconds.optional(),
    /** Where a back end has set it for the room; null: it goes by the server's own setting again. */
    retentionDays: retentionDays.nullable().optional(),
  })
  .meta({ id: 'RoomUpdated' });
export const roleChanged = z
  .object({ type: z.literal('roleChanged'), ...head, userId, role: memberRole, byId: userId })
  .meta({ id: 'RoleChanged' });
/** `until`: he can say nothing up to then; `null`: he can speak again. */
export const memberMuted = z
  .object({ type: z.literal('memberMuted'), ...head, userId, until: instant.nullable(), byId: userId })
  .meta({ id: 'MemberMuted' });
export const roomDeleted = z
  .object({ type: z.literal('roomDeleted'), ...head, byId: userId })
  .meta({ id: 'RoomDeleted' });

export const roomEvent = z
  .discriminatedUnion('type', [
    roomCreated,
    message,
    messageEdited,
    messageDeleted,
    reactionAdded,
    reactionRemoved,
    memberJoined,
    memberLeft,
    roleChanged,
    memberMuted,
    roomUpdated,
    roomDeleted,
  ])
  .meta({ id: 'RoomEvent' });
export type RoomEvent = z.infer<typeof roomEvent>;
export type RoomEventType = RoomEvent['type'];
/** A header on `chat.events`, of the last event of each command: the command's offset on `chat.commands`. */
export const commandOffsetHeader = 'maru-command-offset';
export type Message = z.infer<typeof message>;

/** A message as it reads now, after all that was done to it. `reactions`: `mine` says whether the asker is among them. */
export const messageNow = message
  .extend({
    editedAt: instant.optional(),
    reactions: z.record(z.string(), z.object({ count: z.int(), mine: z.boolean() })).optional(),
  })
  .meta({ id: 'MessageNow' });
export type MessageNow = z.infer<typeof messageNow>;

// ---- Commands: what was asked (`chat.commands`, key roomId). `userId` is the asker, from his token. ----

/** `byServer`: asked by a team's back end with its server key; set by that door alone. */
const asked = { roomId, userId, id: clientId, byServer: z.literal(true).optional() };
export const content = {
  text: messageText,
  kind: messageKind.default('text'),
  metadata: metadata.default({}),
  replyTo: messageSeq.optional(),
  mentions: mentionedIds.optional(),
};
const edit = { text: messageText, mentions: mentionedIds.optional() };

export const command = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('createRoom'),
    ...asked,
    name: displayName,
    visibility,
    memberIds: z.array(userId).max(100),
  }),
  z.object({ type: z.literal('sendMessage'), ...asked, ...content }),
  z.object({ type: z.literal('sendDirect'), ...asked, toId: userId, ...content }),
  z.object({ type: z.literal('editMessage'), ...asked, seq: messageSeq, ...edit }),
  z.object({ type: z.literal('deleteMessage'), ...asked, seq: messageSeq }),
  z.object({ type: z.literal('addReaction'), ...asked, seq: messageSeq, reaction }),
  z.object({ type: z.literal('removeReaction'), ...asked, seq: messageSeq, reaction }),
  z.object({ type: z.literal('join'), ...asked }),
  z.object({ type: z.literal('leave'), ...asked }),
  z.object({ type: z.literal('addMember'), ...asked, memberId: userId }),
  z.object({ type: z.literal('removeMember'), ...asked, memberId: userId }),
  z.object({
    type: z.literal('updateRoom'),
    ...asked,
    name: displayName.optional(),
    visibility: visibility.optional(),
    ownerId: userId.optional(),
    slowModeSeconds: slowModeSeconds.optional(),
    retentionDays: retentionDays.nullable().optional(),
  }),
  z.object({ type: z.literal('setRole'), ...asked, memberId: userId, role: memberRole }),
  z.object({ type: z.literal('muteMember'), ...asked, memberId: userId, until: instant.nullable() }),
  z.object({ type: z.literal('deleteRoom'), ...asked }),
  /** Put on the log by api-chat for each room of a user who was deleted. */
  z.object({ type: z.literal('removeDeletedUser'), ...asked }),
]);
export type Command = z.infer<typeof command>;
export type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** What a sender does not know of his message until it is committed. */
export interface Placed {
  seq: number;
  messageNo: number;
  createdAt: string;
}

/** The writer's answer to a command, on `replies`. A message's text is not sent back: its asker has it. */
export type CommandReply =
  | { ok: true; seq: number; duplicate?: true; message?: Placed; room?: Room }
  | { ok: false; error: { code: string; message: string; retryAfterMs?: number } };

// ---- REST ----

/** `retentionDays`: where a back end has set it for this room; `keptFrom`: the first seq that is kept, where some is forgotten. */
export const room = z
  .object({
    id: roomId,
    name: z.string(),
    visibility: roomKind,
    seq,
    messageNo: z.int(),
    ownerId: userId,
    createdAt: instant,
    slowModeSeconds,
    retentionDays: retentionDays.optional(),
    keptFrom: messageSeq.optional(),
  })
  .meta({ id: 'Room' });
export type Room = z.infer<typeof room>;

/**
 * A room as its member sees it. `lastMessage`: null where there is none, none is kept any more, or it cannot be reached for
 * the moment. `peerId`: the other one, in a direct room.
 */
export const myRoom = room
  .extend({ readSeq: seq, unread: z.int(), lastMessage: messageNow.nullable(), peerId: userId.optional() })
  .meta({ id: 'MyRoom' });
export type MyRoom = z.infer<typeof myRoom>;

/** A room as somebody sees it who may be none of its members; then `readSeq` and `unread` are 0. */
export const seenRoom = room
  .extend({ readSeq: seq, unread: z.int(), member: z.boolean() })
  .meta({ id: 'SeenRoom' });
export type SeenRoom = z.infer<typeof seenRoom>;

export const createRoom = z.strictObject({
  id: clientId.optional(),
  name: displayName,
  visibility,
  memberIds: z.array(userId).max(100).default([]),
});
export type CreateRoom = z.infer<typeof createRoom>;

export const updateRoom = z
  .strictObject({
    name: displayName.optional(),
    visibility: visibility.optional(),
    ownerId: userId.optional(),
    slowModeSeconds: slowModeSeconds.optional(),
  })
  .refine((v) => Object.keys(v).length > 0, 'name, visibility, ownerId or slowModeSeconds');
export type UpdateRoom = z.infer<typeof updateRoom>;

export const postMessage = z.strictObject({ id: clientId.optional(), ...content });
export type PostMessage = z.infer<typeof postMessage>;

export const editMessage = z.strictObject(edit);
export type EditMessage = z.infer<typeof editMessage>;

export const updateMember = z
  .strictObject({ role: memberRole.optional(), mutedUntil: instant.nullable().optional() })
  .refine((v) => Object.keys(v).length > 0, 'role or mutedUntil');
export type UpdateMember = z.infer<typeof updateMember>;

export const addMember = z.strictObject({ userId });
export type AddMember = z.infer<typeof addMember>;

export const markRead = z.strictObject({ seq });
export type MarkRead = z.infer<typeof markRead>;

export const posted = message.extend({ duplicate: z.literal(true).optional() }).meta({ id: 'PostedMessage' });
export type Posted = z.infer<typeof posted>;

export const roomPosition = z.object({ roomId, seq }).meta({ id: 'RoomPosition' });
export type RoomPosition = z.infer<typeof roomPosition>;
export const readPosition = z.object({ readSeq: seq });

/** `mutedUntil`: he can say nothing up to then; null or a time that is past: he is not muted. */
export const member = z
  .object({
    userId,
    joinedSeq: seq,
    owner: z.boolean(),
    role: memberRole,
    mutedUntil: instant.nullable(),
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof member>;

/** Messages by seq: those before `before`, or after `after`; the newest ones without either. Never both. */
export const messagesQuery = z
  .object({ before: seqParam.optional(), after: seqParam.optional(), limit })
  .refine((v) => v.before === undefined || v.after === undefined, 'either before or after, not both');
export type MessagesQuery = z.infer<typeof messagesQuery>;
/** A message's seq in a path. */
export const messageSeqParam = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
export const eventsQuery = z.object({ after: seqParam.default(0), limit });
export type EventsQuery = z.infer<typeof eventsQuery>;
export const publicRoomsQuery = listQuery.extend({ query: searchText });
export type PublicRoomsQuery = z.infer<typeof publicRoomsQuery>;

/** `seq`: of the last event that these messages know of; what comes behind it is applied to them. */
export const messagePage = z.object({ items: z.array(messageNow), seq });
export const eventPage = z.object({ items: z.array(roomEvent) });
export const roomPage = z.object({ items: z.array(room), next: z.string().optional() });
export const myRoomPage = z.object({ items: z.array(myRoom), next: z.string().optional() });
export const memberPage = z.object({ items: z.array(member), next: z.string().optional() });

// ---- Read markers and typing: no seq, not kept (`chat.reads`, `chat.signals`; key roomId) ----

/** `chat.reads`: a user has read a room up to `seq`. */
export const readMark = z.object({ roomId, userId, seq });
export type ReadMark = z.infer<typeof readMark>;
export type ReadReply =
  { ok: true; readSeq: number } | { ok: false; error: { code: string; message: string } };

export const signal = z.discriminatedUnion('type', [
  z.object({ type: z.literal('read'), roomId, userId, seq }),
  z.object({ type: z.literal('typing'), roomId, userId }),
]);
export type Signal = z.infer<typeof signal>;

// ---- Internal, from gateway to api-chat ----

/** `POST /internal/standing {userIds}`: each user's rooms with their heads, and those he has left. At most 500. */
export const standingQuery = z.object({ userIds: z.array(userId).max(500) });
export type StandingQuery = z.infer<typeof standingQuery>;
/** `rooms`: [roomId, head seq, seq of his memberJoined, the first seq that is kept]; `left`: [roomId, seq of his memberLeft, or of roomDeleted]. */
export interface Standing {
  userId: string;
  rooms: [roomId: string, head: number, joinedSeq: number, keptFrom?: number][];
  left: [string, number][];
}

/** `POST /internal/events {rooms}`: for each room up to `limit` events after `after`, in order. At most 1,000 rooms. */
export const eventsOfRooms = z.object({
  rooms: z.array(z.object({ roomId, after: seq, limit: z.int().min(1).max(1000) })).max(1000),
});
export type EventsOfRooms = z.infer<typeof eventsOfRooms>;
/**
 * `events`: each an event's JSON as it stands on Kafka. `head`: the room's seq when they were read; `keptFrom`: the first seq
 * that is kept, where some is forgotten. Who asks for what comes before that gets none.
 */
export interface EventsOfRoom {
  roomId: string;
  head: number;
  keptFrom?: number;
  events: string[];
}

/**
 * `POST /internal/positions {userId, offsets}`: where a user's rooms stood when the commands below `offsets` were
 * decided, by partition of `chat.commands`; without them where they stand.
 */
export const positionsQuery = z.object({ userId, offsets: z.array(z.int().min(0)).max(10_000).optional() });
export type PositionsQuery = z.infer<typeof positionsQuery>;
/** `rooms`: [roomId, seq] of those he is in, or has left since; `offsets`: where the writers are now. */
export interface Positions {
  offsets: number[];
  rooms: [string, number][];
}
