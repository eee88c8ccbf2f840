import { z } from 'zod';

// What gateways and routers tell one another when only those gateways get an event that hold a member (DELIVERY=routed).

const gatewayId = z.uuid();
/** The partition of `gateway.deliveries` that a gateway reads. */
const slot = z.int().min(0);
/** Counts what a gateway registers in one partition. */
const n = z.int().min(1);

/** What a gateway registers: a room that it holds, or a user who is connected to it. */
export type Held = 'room' | 'user';

/**
 * `gateway.rooms`, key by `registrationKey`, in the partition of the room or user: what happens there is to come to this slot.
 * An empty record: no more.
 */
export const gatewayRegistered = z.object({ gatewayId, slot, n });
export type GatewayRegistered = z.infer<typeof gatewayRegistered>;

export const registrationKey = (held: Held, id: string, gateway: string): string =>
  `${held}/${id}/${gateway}`;

/** `gateway.rooms`, key by `holderKey`, in every partition, every few seconds: the gateway is there. Empty: it has ended. */
export const gatewayHolds = z.object({ gatewayId, slot });
export type GatewayHolds = z.infer<typeof gatewayHolds>;

export const holderKey = (gateway: string): string => `gateway/${gateway}`;

/** `gateway.rooms`, key `router`: from here on this claim routes the partition, and no earlier one answers any more. */
export const routerClaimed = z.object({ claimId: z.uuid() });
export type RouterClaimed = z.infer<typeof routerClaimed>;
export const routerKey = 'router';

/** `gateway.deliveries`: of what the gateway has registered in the partition, all up to `n` is known to its router. */
export const routerAnswered = z.object({ gatewayId, partition: z.int().min(0), n });
export type RouterAnswered = z.infer<typeof routerAnswered>;

/** `gateway.deliveries`: the gateway was silent for too long, and gets nothing more under this id. */
export const routerDropped = z.object({ gatewayId });
export type RouterDropped = z.infer<typeof routerDropped>;

/** `gateway.deliveries`: what came of the commands of the partition below `offset` has been sent to this slot. */
export const routerPassed = z.object({ partition: z.int().min(0), offset: z.int().min(0) });
export type RouterPassed = z.infer<typeof routerPassed>;

/** Headers of a record that a router has sent on: the topic and the partition that it stood in. */
export const routedFromHeader = 'maru-from';
export const routedPartitionHeader = 'maru-partition';

/** How often a gateway says that it is there, and after how long a silence a router drops it; in ms. */
export const gatewayHoldsMs = 3000;
export const gatewayDroppedMs = 20_000;
