import { z } from 'zod';
import { instant, roomId, userId } from './values';

/**
 * By partition of `chat.commands`: the events of the commands below have been given to the connections of this
 * gateway. Empty when that is not known.
 */
const given = z.array(z.int().min(0)).max(10_000);
const gatewayId = z.uuid();

/** `presence`, key `gatewayId`: the gateway is there. It tells so every few seconds; an empty record: it has ended. */
export const gatewayAlive = z.object({ gatewayId, given, at: instant });
export type GatewayAlive = z.infer<typeof gatewayAlive>;

/**
 * `presence`, key `userId/gatewayId`, in the partition of userId: whether the user has a connection at this gateway.
 * `away`: all that he has there say that he is. `given`, of one who has none any more: what his last connection had
 * been given.
 */
export const userPresence = z.object({
  userId,
  gatewayId,
  online: z.boolean(),
  away: z.boolean().optional(),
  given,
  at: instant,
});
export type UserPresence = z.infer<typeof userPresence>;

export const presenceKey = ({ userId, gatewayId }: Pick<UserPresence, 'userId' | 'gatewayId'>): string =>
  `${userId}/${gatewayId}`;

/** How often a gateway tells that it is there, and after how long a silence it counts as gone; in ms. */
export const gatewayAliveMs = 3000;
export const gatewayGoneMs = 10_000;
/** Who comes back within so long has never been away, for whoever is told and for whoever asks: a reconnect, or a gateway that starts again. */
export const presenceGraceMs = 5000;

// ---- What clients see of it ----

/** What a connection says of its user. He is away when all his connections say so, over all gateways. */
export const ownState = z.enum(['online', 'away']);
export type OwnState = z.infer<typeof ownState>;

export const presenceState = z.enum([...ownState.options, 'offline']);
export type PresenceState = z.infer<typeof presenceState>;

/** How a user is now. `lastSeen`, of one who is offline: when his last connection ended, if that is known. */
export interface PresenceNotice {
  userId: string;
  state: PresenceState;
  lastSeen?: string;
}

/** Members of rooms up to this size are told of each other; of larger ones there are counts. */
export const smallRoomMembers = 200;

const presentUser = z.object({ userId, state: ownState }).meta({ id: 'PresentUser' });
export type PresentUser = z.infer<typeof presentUser>;

/** Who of a room is there: `items`, up to 200 members, and counts. */
export const roomPresence = z
  .object({ members: z.int(), online: z.int(), away: z.int(), items: z.array(presentUser).optional() })
  .meta({ id: 'RoomPresence' });
export type RoomPresence = z.infer<typeof roomPresence>;

// ---- Internal, of api-chat ----

/** `POST /internal/presences {userIds}`: how each of them is now. At most 500. */
export const presencesQuery = z.object({ userIds: z.array(userId).max(500) });
export type PresencesQuery = z.infer<typeof presencesQuery>;
export interface PresenceOfUser {
  userId: string;
  state: PresenceState;
  /** When he was last seen to go; `null`: never. */
  lastSeen: string | null;
}

/** `POST /internal/members {roomIds}`: who is in each of these rooms; `null` of one that is not small. At most 200. */
export const membersQuery = z.object({ roomIds: z.array(roomId).max(200) });
export type MembersQuery = z.infer<typeof membersQuery>;
export interface MembersOfRoom {
  roomId: string;
  members: string[] | null;
}
