import { z } from 'zod';
import { presenceState } from './presence';
import { statusMessage, userEvent } from './users';
import { displayName, instant, listQuery, userId } from './values';

/** How another stands to a user: a friend, one who has asked him (`incoming`), or one whom he has asked. */
export const friendState = z.enum(['friends', 'incoming', 'outgoing']);
export type FriendState = z.infer<typeof friendState>;

/**
 * A friend, or one who would be. `since`: when they became friends, or the one asked the other. Of friends alone
 * `presence`, left out while it is not known, and `lastSeen`, of one who is offline.
 */
export const friend = z
  .object({
    userId,
    name: displayName,
    statusMessage,
    state: friendState,
    since: instant,
    presence: presenceState.optional(),
    lastSeen: instant.optional(),
  })
  .meta({ id: 'Friend' });
export type Friend = z.infer<typeof friend>;

/** Those of one state, or all; the newest first. */
export const friendsQuery = listQuery.extend({ state: friendState.optional() });
export type FriendsQuery = z.infer<typeof friendsQuery>;
export const friendPage = z.object({ items: z.array(friend), next: z.string().optional() });

export const askFriends = z.strictObject({ userIds: z.array(userId).min(1).max(100) });
export type AskFriends = z.infer<typeof askFriends>;

/**
 * What came of a request, the same for a repeat. `user_not_found`: there is no such user, or one of the two has
 * blocked the other.
 */
export const friendRequest = z
  .object({ userId, outcome: z.enum(['requested', 'friends', 'user_not_found']) })
  .meta({ id: 'FriendRequest' });
export type FriendRequest = z.infer<typeof friendRequest>;
export const friendRequests = z.object({ items: z.array(friendRequest) });

/** How the two stand now. */
export const friendship = z
  .object({ userId, state: z.enum([...friendState.options, 'none']) })
  .meta({ id: 'Friendship' });
export type Friendship = z.infer<typeof friendship>;

export const blockUser = z.strictObject({ userId });
export type BlockUser = z.infer<typeof blockUser>;

export const blockedUser = z
  .object({ userId, name: displayName, since: instant })
  .meta({ id: 'BlockedUser' });
export type BlockedUser = z.infer<typeof blockedUser>;
export const blockedUserPage = z.object({ items: z.array(blockedUser), next: z.string().optional() });

/** The answer to a block and to its end. */
export const block = z.object({ userId, blocked: z.boolean() });
export type Block = z.infer<typeof block>;

/**
 * `users.events`, key userId: what he did with another one. A request is of who asks, its acceptance of who was
 * asked, so of two users' events no order is known but by what they say.
 */
const friendEvent = z.object({ ...userEvent, friendId: userId });
export const friendRequested = friendEvent;
export const friendAccepted = friendEvent;
/** `friendId` had asked. */
export const friendDeclined = friendEvent;
/** A friendship has ended, or `userId` has taken his request back. */
export const friendRemoved = friendEvent;
export type FriendEvent = z.infer<typeof friendEvent>;

const blockEvent = z.object({ ...userEvent, blockedId: userId });
export const userBlocked = blockEvent;
export const userUnblocked = blockEvent;
export type BlockEvent = z.infer<typeof blockEvent>;

/** Internal, `POST /internal/circles {userIds}` of api-users: whom each of them knows. At most 500. */
export const circlesQuery = z.object({ userIds: z.array(userId).max(500) });
export type CirclesQuery = z.infer<typeof circlesQuery>;
export interface Circle {
  userId: string;
  /** His friends, the newest `maxFriendsWatched` of them. */
  friends: string[];
  /** Those who have blocked him; `null`: more than `maxBlocksWatched`, so that he is told of friends alone. */
  blockedBy: string[] | null;
}
/** Of so many friends a user is told how they are. */
export const maxFriendsWatched = 1000;
export const maxBlocksWatched = 10_000;
