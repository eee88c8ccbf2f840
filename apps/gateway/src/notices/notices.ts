import { eventContracts, type FriendEvent, type FriendNotice } from '@maru/contracts';

type NoticeName = 'friendRequested' | 'friendAccepted' | 'friendDeclined' | 'friendRemoved';

/** Something that clients of these users are to hear. */
export interface Notice {
  to: string[];
  name: NoticeName;
  body: FriendNotice;
}

type FriendEventType = 'friend.requested' | 'friend.accepted' | 'friend.declined' | 'friend.removed';
type To = (event: FriendEvent) => string[];

const both: To = ({ userId, friendId }) => [userId, friendId];
/** Of blocks nobody is told, and of changed profiles nobody can be: no event says whose friend a user is. */
const told: Record<FriendEventType, [name: NoticeName, to: To]> = {
  'friend.requested': ['friendRequested', both],
  'friend.accepted': ['friendAccepted', both],
  'friend.declined': ['friendDeclined', ({ friendId }) => [friendId]],
  'friend.removed': ['friendRemoved', both],
};

const isTold = (type: string): type is FriendEventType => Object.hasOwn(told, type);

/**
 * What there is to tell of an event of `users.events`; undefined for those of other types.
 * @throws Error when the value is not as its contract says.
 */
export function noticeOf(type: string, value: () => string): Notice | undefined {
  if (!isTold(type)) return undefined;
  const event = eventContracts[type].schema.parse(JSON.parse(value()));
  const { userId, friendId, at } = event;
  const [name, to] = told[type];
  return { to: to(event), name, body: { userId, friendId, at } };
}
