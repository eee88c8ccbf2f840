import {
  eventContracts,
  type FriendEvent,
  type FriendNotice,
  type FriendUpdate,
  type SessionNotice,
  type StreamReply,
  streamReply,
} from '@maru/contracts';

type FriendName = 'friendRequested' | 'friendAccepted' | 'friendDeclined' | 'friendRemoved';
type SessionName = 'sessionStarted' | 'sessionEnded';

/**
 * Something that all connections of these users are to hear; what is new of a user, his friends; a reply only the streams
 * of the session that asked.
 */
export type Notice =
  | { to: string[]; name: FriendName; body: FriendNotice }
  | { to: string[]; name: SessionName; body: SessionNotice }
  | { name: 'friendUpdated'; body: FriendUpdate }
  | { to: { userId: string; sessionId: string }; name: 'reply'; body: StreamReply };

type FriendEventType = 'friend.requested' | 'friend.accepted' | 'friend.declined' | 'friend.removed';
type To = (event: FriendEvent) => string[];

const both: To = ({ userId, friendId }) => [userId, friendId];
/** Of blocks nobody is told. */
const ofFriends: Record<FriendEventType, [name: FriendName, to: To]> = {
  'friend.requested': ['friendRequested', both],
  'friend.accepted': ['friendAccepted', both],
  'friend.declined': ['friendDeclined', ({ friendId }) => [friendId]],
  'friend.removed': ['friendRemoved', both],
};
const ofSessions: Record<'session.started' | 'session.ended' | 'session.revoked', SessionName> = {
  'session.started': 'sessionStarted',
  'session.ended': 'sessionEnded',
  'session.revoked': 'sessionEnded',
};

const isIn = <K extends string>(table: Record<K, unknown>, type: string): type is K =>
  Object.hasOwn(table, type);

/**
 * What there is to tell of a record of this type; undefined for those of other types.
 * @throws Error when the value is not as its contract says.
 */
export function noticeOf(type: string, value: () => string): Notice | undefined {
  if (isIn(ofFriends, type)) {
    const event = eventContracts[type].schema.parse(JSON.parse(value()));
    const { userId, friendId, at } = event;
    const [name, to] = ofFriends[type];
    return { to: to(event), name, body: { userId, friendId, at } };
  }
  if (isIn(ofSessions, type)) {
    const { userId, sessionId, at } = eventContracts[type].schema.parse(JSON.parse(value()));
    return { to: [userId], name: ofSessions[type], body: { sessionId, at } };
  }
  if (type === 'user.updated') {
    const event = eventContracts[type].schema.parse(JSON.parse(value()));
    const { userId, name, statusMessage, at } = event;
    return { name: 'friendUpdated', body: { userId, name, statusMessage, at } };
  }
  if (type !== 'reply') return undefined;
  const { userId, sessionId, reply } = streamReply.parse(JSON.parse(value()));
  return { to: { userId, sessionId }, name: 'reply', body: reply };
}

const ofBlocks = { 'user.blocked': true, 'user.unblocked': true } as const;

/**
 * The users between whom a record of this type tells of a change: who is whose friend, or who has blocked whom.
 * @throws Error when the value is not as its contract says.
 */
export function changedBetween(type: string, value: () => string): string[] {
  if (isIn(ofFriends, type)) {
    const { userId, friendId } = eventContracts[type].schema.parse(JSON.parse(value()));
    return [userId, friendId];
  }
  if (!isIn(ofBlocks, type)) return [];
  const { userId, blockedId } = eventContracts[type].schema.parse(JSON.parse(value()));
  return [userId, blockedId];
}
