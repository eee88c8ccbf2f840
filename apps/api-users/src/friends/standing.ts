import { CodedError, type FriendRequest, type FriendState } from '@maru/contracts';
import type { Deed } from '../users/user-events';

/** How a user stands to others, with the rows of all of them locked. */
export interface Standing {
  /** Those of the others who are active users. */
  active: ReadonlySet<string>;
  friends: ReadonlyMap<string, FriendState>;
  /** Whom he has blocked, and who has blocked him. */
  blocked: ReadonlySet<string>;
  blockedBy: ReadonlySet<string>;
}

/** What is done, in this order, and what is answered. */
export interface Decision<T> {
  deeds: Deed[];
  answer: T;
}

/** One who has asked already is accepted, so of two who ask each other one accepts, whoever comes second. */
export function askFriends(standing: Standing, ids: readonly string[]): Decision<FriendRequest[]> {
  const deeds: Deed[] = [];
  const answer = ids.map((userId): FriendRequest => {
    const { active, friends, blocked, blockedBy } = standing;
    if (!active.has(userId) || blocked.has(userId) || blockedBy.has(userId))
      return { userId, outcome: 'user_not_found' };
    const state = friends.get(userId);
    if (state === undefined) deeds.push({ type: 'friend.requested', otherId: userId });
    if (state === 'incoming') deeds.push({ type: 'friend.accepted', otherId: userId });
    return { userId, outcome: state === undefined || state === 'outgoing' ? 'requested' : 'friends' };
  });
  return { deeds, answer };
}

type Answer = FriendState | 'none';

/** @throws CodedError `not_found` when the other one has not asked. */
export function acceptFriend({ friends }: Standing, id: string): Decision<Answer> {
  const state = friends.get(id);
  if (state === undefined || state === 'outgoing')
    throw new CodedError('not_found', 'This user has not asked you.');
  return { deeds: state === 'incoming' ? [{ type: 'friend.accepted', otherId: id }] : [], answer: 'friends' };
}

/** A late copy changes nothing between those who have become friends since. */
export function declineFriend({ friends }: Standing, id: string): Decision<Answer> {
  const state = friends.get(id);
  if (state !== 'incoming') return { deeds: [], answer: state ?? 'none' };
  return { deeds: [{ type: 'friend.declined', otherId: id }], answer: 'none' };
}

export function removeFriend({ friends }: Standing, id: string): Decision<Answer> {
  return { deeds: endOf(id, friends.get(id)), answer: 'none' };
}

/** @throws CodedError `user_not_found`. */
export function blockUser({ active, friends, blocked }: Standing, id: string): Decision<true> {
  if (!active.has(id)) throw new CodedError('user_not_found');
  if (blocked.has(id)) return { deeds: [], answer: true };
  return { deeds: [...endOf(id, friends.get(id)), { type: 'user.blocked', otherId: id }], answer: true };
}

export function unblockUser({ blocked }: Standing, id: string): Decision<false> {
  return { deeds: blocked.has(id) ? [{ type: 'user.unblocked', otherId: id }] : [], answer: false };
}

/** Whoever ends it, what he had been asked is declined. */
export function endOf(otherId: string, state: FriendState | undefined): Deed[] {
  if (state === undefined) return [];
  return [{ type: state === 'incoming' ? 'friend.declined' : 'friend.removed', otherId }];
}
