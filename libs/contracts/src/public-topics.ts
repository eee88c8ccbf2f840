import type { ZodType } from 'zod';
import { roomEvent } from './chat';
import { eventContracts, type TopicName, topics } from './topics';

/** What other services may count on: see docs/consume-events.md. The rest of the topics are ours alone. */
export interface PublicTopic {
  summary: string;
  /** What a record's key is. The same key is always in the same partition. */
  key: string;
  /** What is in order, and what is not. */
  order: string;
  /** How a record that comes again is known. */
  repeats: string;
  /** Its CloudEvents headers: who tells it, and what the id is made of. */
  source: string;
  id: string;
}

export const publicTopics = {
  [topics.chatEvents]: {
    summary: 'What happened in rooms: only what was committed.',
    key: 'roomId',
    order: 'The events of a room, by seq: 1, 2, 3 … without a hole. There is no order between rooms.',
    repeats: 'Drop an event whose seq is not above the last one you have of its room.',
    source: '/api-chat',
    id: 'roomId/seq',
  },
  [topics.usersEvents]: {
    summary: 'What happened to users, their friends and blocks. It holds no e-mail.',
    key: 'userId',
    order: 'The events of a user, by version. There is no order between users.',
    repeats: 'Drop an event whose version is not above the last one you have of its user.',
    source: '/api-users',
    id: 'a number that stays the same when the event is published again',
  },
  [topics.authEvents]: {
    summary: 'Sessions that began or ended.',
    key: 'userId',
    order: 'The events of a user. There is no order between users.',
    repeats: 'A repeat has the same ce_id, and the same sessionId and type.',
    source: '/api-auth',
    id: 'a number that stays the same when the event is published again',
  },
  [topics.notifications]: {
    summary: 'Who should be told of a message, as he has no connection.',
    key: 'userId',
    order: 'The notifications of a user in a room, by seq.',
    repeats: 'A repeat has the same ce_id.',
    source: '/api-chat',
    id: 'userId/roomId/seq',
  },
} as const satisfies Partial<Record<TopicName, PublicTopic>>;
export type PublicTopicName = keyof typeof publicTopics;

/** The events on a public topic, by `ce_type`. */
export function publicEvents(topic: PublicTopicName): Record<string, ZodType> {
  if (topic === topics.chatEvents) {
    return Object.fromEntries(roomEvent.options.map((event) => [event.shape.type.value, event]));
  }
  const ofTopic = Object.entries(eventContracts).filter(([, contract]) => contract.topic === topic);
  return Object.fromEntries(ofTopic.map(([type, { schema }]) => [type, schema]));
}
