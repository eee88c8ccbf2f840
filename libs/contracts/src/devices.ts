import { z } from 'zod';
import { roomId, seq, userId } from './values';

// ---- Internal, from gateway to api-chat: what a device (an MQTT client) has between its connections ----

/** The longest that a session outlives its connection, in seconds. */
export const maxSessionSeconds = 30 * 24 * 60 * 60;

/** A topic filter, and the QoS that was granted for it. */
export const deviceSubscription = z.tuple([z.string().max(100), z.union([z.literal(0), z.literal(1)])]);
export type DeviceSubscription = z.infer<typeof deviceSubscription>;

/** A session is one user's under one client id; `connection` says which connection of it has it now. */
const device = { userId, clientId: z.string().min(1).max(128), connection: z.uuid() };
const expirySeconds = z.int().min(0).max(maxSessionSeconds);

/**
 * `POST /internal/devices/open {sessions}`: each is this connection's from now on. `clean` forgets what there was.
 * A session is named once. At most 500.
 */
export const openDevices = z.object({
  sessions: z.array(z.object({ ...device, clean: z.boolean(), expirySeconds })).max(500),
});
export type OpenDevices = z.infer<typeof openDevices>;
export type OpenDevice = OpenDevices['sessions'][number];

/** A session as it was left. `resume`: the last seq that was acknowledged in each room, or the one before he joined. */
export interface OpenedDevice {
  userId: string;
  clientId: string;
  present: boolean;
  /** The connection before, when ids of its messages can be made again. */
  previous: string | null;
  subscriptions: DeviceSubscription[];
  resume: [string, number][];
}

/**
 * `POST /internal/devices/save {sessions}`: what has changed. `cursors` go forward only. Answers for each whether the
 * session is still this connection's; if not, nothing was saved. A session is named once. At most 500.
 */
export const saveDevices = z.object({
  sessions: z
    .array(
      z.object({
        ...device,
        cursors: z.array(z.tuple([roomId, seq])).max(10_000),
        subscriptions: z.array(deviceSubscription).max(1000).optional(),
        /** Ids of this connection's messages cannot be made again. */
        forgetIds: z.boolean().optional(),
        /** How long the session lasts from now on without a connection. */
        expirySeconds: expirySeconds.optional(),
      }),
    )
    .max(500),
});
export type SaveDevices = z.infer<typeof saveDevices>;
export type SaveDevice = SaveDevices['sessions'][number];
