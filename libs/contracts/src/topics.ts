import type { ZodType } from 'zod';
import { sessionEnded, sessionRevoked, sessionsRevoked, sessionStarted } from './auth';
import {
  friendAccepted,
  friendDeclined,
  friendRemoved,
  friendRequested,
  userBlocked,
  userUnblocked,
} from './friends';
import { notificationRequested } from './notifications';
import { userCreated, userDeleted, userUpdated } from './users';

/** Every topic, named once. Keys: see docs/protocol.md. */
export const topics = {
  usersEvents: 'users.events',
  authEvents: 'auth.events',
  chatCommands: 'chat.commands',
  chatEvents: 'chat.events',
  chatReads: 'chat.reads',
  chatSignals: 'chat.signals',
  presence: 'presence',
  notifications: 'notifications',
  replies: 'replies',
  usersRequests: 'users.requests',
  authRequests: 'auth.requests',
  chatRequests: 'chat.requests',
  streamReplies: 'stream.replies',
  gatewayRooms: 'gateway.rooms',
  gatewayJoins: 'gateway.joins',
  gatewayDeliveries: 'gateway.deliveries',
} as const;
export type TopicName = (typeof topics)[keyof typeof topics];

/** The topic that keeps what a consumer group could not take. */
export const deadLetterTopic = (group: string): string => `dead-letter.${group}`;

const day = 24 * 60 * 60 * 1000;
/**
 * How long each topic keeps its records, in ms (-1: for ever). Requests, replies and signals are worth nothing after
 * minutes; `chat.events` may be read from the beginning by other services.
 */
export const retentionMs: Record<TopicName, number> = {
  'users.events': -1,
  'auth.events': 7 * day,
  'chat.commands': 7 * day,
  'chat.events': -1,
  'chat.reads': day,
  'chat.signals': day / 24,
  presence: 7 * day,
  notifications: 7 * day,
  replies: day / 24,
  'users.requests': day / 24,
  'auth.requests': day / 24,
  'chat.requests': day / 24,
  'stream.replies': day / 24,
  'gateway.rooms': -1,
  'gateway.joins': day / 24,
  'gateway.deliveries': day / 24,
};

/** Topics whose partition counts must be equal (`CHAT_PARTITIONS`); a command of api-chat raises them, nothing else may. */
export const partitionedByRoom: readonly TopicName[] = [
  'chat.commands',
  'chat.events',
  'chat.reads',
  'chat.signals',
  'gateway.rooms',
  'gateway.joins',
];

/** Topics that keep the last record of each key, within the time above. */
export const compacted: readonly TopicName[] = ['presence', 'gateway.rooms'];

/** Topics that are there only where routers run (`DELIVERY=routed`). */
export const routedTopics: readonly TopicName[] = ['gateway.rooms', 'gateway.joins', 'gateway.deliveries'];

export interface EventContract {
  topic: TopicName;
  schema: ZodType;
}

/** Events that Nest handlers take by `@EventPattern(type)`: which topic carries them, and what they hold. */
export const eventContracts = {
  'user.created': { topic: topics.usersEvents, schema: userCreated },
  'user.updated': { topic: topics.usersEvents, schema: userUpdated },
  'user.deleted': { topic: topics.usersEvents, schema: userDeleted },
  'friend.requested': { topic: topics.usersEvents, schema: friendRequested },
  'friend.accepted': { topic: topics.usersEvents, schema: friendAccepted },
  'friend.declined': { topic: topics.usersEvents, schema: friendDeclined },
  'friend.removed': { topic: topics.usersEvents, schema: friendRemoved },
  'user.blocked': { topic: topics.usersEvents, schema: userBlocked },
  'user.unblocked': { topic: topics.usersEvents, schema: userUnblocked },
  'session.started': { topic: topics.authEvents, schema: sessionStarted },
  'session.ended': { topic: topics.authEvents, schema: sessionEnded },
  'session.revoked': { topic: topics.authEvents, schema: sessionRevoked },
  'sessions.revoked': { topic: topics.authEvents, schema: sessionsRevoked },
  'notification.requested': { topic: topics.notifications, schema: notificationRequested },
} as const satisfies Record<string, EventContract>;
export type EventType = keyof typeof eventContracts;
