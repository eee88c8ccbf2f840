import { z } from 'zod';
import { instant, userId } from './values';

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
 * `given`, of one who has none any more: what his last connection had been given.
 */
export const userPresence = z.object({ userId, gatewayId, online: z.boolean(), given, at: instant });
export type UserPresence = z.infer<typeof userPresence>;

export const presenceKey = ({ userId, gatewayId }: Pick<UserPresence, 'userId' | 'gatewayId'>): string =>
  `${userId}/${gatewayId}`;

/** How often a gateway tells that it is there, and after how long a silence it counts as gone; in ms. */
export const gatewayAliveMs = 3000;
export const gatewayGoneMs = 10_000;
