import { z } from 'zod';
import { clientId, deadline, instant, roomId, seq, userId } from './values';

/** Members of a room beyond which only who is mentioned is notified. */
export const notifiedRoomMembers = 200;
/** A message older than this is not notified any more; in ms. */
export const notifiedForMs = 5 * 60 * 1000;

/** `metadata.mentions` of a message: whom it names beside its `mentions`. What is no such list names nobody. */
export const mentions = z.array(userId).max(100);

/**
 * `notifications`, key userId, `ce_id` userId/roomId/seq: a user who has no connection should be told of a message.
 * `unread`: of him in this room, with this message. `text` only where NOTIFICATION_TEXT is on.
 */
export const notificationRequested = z.object({
  userId,
  roomId,
  seq,
  messageId: clientId,
  senderId: userId,
  roomName: z.string(),
  kind: z.string(),
  mention: z.boolean(),
  unread: z.int().min(0),
  at: instant,
  text: z.string().optional(),
});
export type NotificationRequested = z.infer<typeof notificationRequested>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, HH:MM');
/** Of the IANA data base, such as Asia/Seoul. */
const timeZone = z
  .string()
  .max(64)
  .regex(/^(UTC|[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/, 'a time zone such as Asia/Seoul');

/** Every day from `from` to before `to` in this time zone, over midnight when `to` is the earlier. */
export const quietHours = z
  .strictObject({ from: timeOfDay, to: timeOfDay, timeZone })
  .refine((v) => v.from !== v.to, 'from and to must differ')
  .meta({ id: 'QuietHours' });
export type QuietHours = z.infer<typeof quietHours>;
export const notificationSettings = z.object({ quietHours: quietHours.nullable() });
export type NotificationSettings = z.infer<typeof notificationSettings>;

/** `until` is left out: for ever. */
export const muteRoom = z.strictObject({ until: deadline.optional() });
export type MuteRoom = z.infer<typeof muteRoom>;
export const mutedRoom = z.object({ roomId, until: instant.nullable() }).meta({ id: 'MutedRoom' });
export type MutedRoom = z.infer<typeof mutedRoom>;
