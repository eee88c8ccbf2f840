import { type TopicName, topics } from './topics';

/** What one app does on Kafka. On a cluster with access control it is allowed this, and nothing else. */
export interface KafkaAccess {
  reads: readonly TopicName[];
  writes: readonly TopicName[];
  /** Its consumer groups. */
  groups: readonly string[];
  /** How the groups begin that each start makes for itself. */
  ownGroups: readonly string[];
  /** The groups that put records aside, on `dead-letter.<group>`. */
  putsAside: readonly string[];
  /** The groups to which those are handed again, by `retry.<group>`. */
  handedAgain: readonly string[];
}

/** By the app's name, which is the name of its Kafka user as well. */
export const kafkaAccess = {
  'api-users': {
    reads: [topics.authEvents, topics.usersRequests],
    writes: [topics.usersEvents, topics.replies],
    groups: ['api-users'],
    ownGroups: ['api-users.sessions.'],
    putsAside: ['api-users'],
    handedAgain: ['api-users'],
  },
  'api-auth': {
    reads: [topics.usersEvents, topics.authEvents, topics.authRequests],
    writes: [topics.authEvents, topics.replies],
    groups: ['api-auth'],
    ownGroups: ['api-auth.sessions.'],
    putsAside: ['api-auth'],
    handedAgain: ['api-auth'],
  },
  'api-chat': {
    reads: [
      ...[topics.usersEvents, topics.authEvents, topics.chatCommands, topics.chatReads, topics.chatRequests],
      topics.replies,
      ...[topics.chatEvents, topics.presence, topics.notifications],
    ],
    writes: [
      ...[topics.chatCommands, topics.chatEvents, topics.chatReads, topics.chatSignals, topics.replies],
      topics.notifications,
    ],
    groups: [
      ...['api-chat', 'api-chat-reads', 'api-chat-users'],
      ...['api-chat-presence', 'api-chat-notifications', 'api-chat-webhooks'],
    ],
    ownGroups: ['api-chat.sessions.', 'api-chat.log.', 'replies.'],
    putsAside: [
      'api-chat',
      'api-chat-users',
      'api-chat-presence',
      'api-chat-notifications',
      'api-chat-webhooks',
    ],
    handedAgain: ['api-chat-users', 'api-chat-webhooks'],
  },
  gateway: {
    reads: [
      ...[topics.usersEvents, topics.authEvents, topics.chatEvents, topics.chatSignals],
      ...[topics.replies, topics.streamReplies, topics.presence, topics.gatewayDeliveries],
    ],
    writes: [
      ...[topics.chatCommands, topics.chatReads, topics.chatSignals, topics.presence],
      ...[topics.usersRequests, topics.authRequests, topics.chatRequests, topics.streamReplies],
      topics.gatewayRooms,
    ],
    groups: [],
    ownGroups: ['gateway.', 'replies.'],
    putsAside: [],
    handedAgain: [],
  },
  router: {
    reads: [
      ...[topics.authEvents, topics.chatEvents, topics.chatSignals],
      ...[topics.gatewayRooms, topics.gatewayJoins],
    ],
    writes: [topics.gatewayRooms, topics.gatewayJoins, topics.gatewayDeliveries],
    groups: ['router'],
    ownGroups: ['router.sessions.'],
    putsAside: [],
    handedAgain: [],
  },
} as const satisfies Record<string, KafkaAccess>;
