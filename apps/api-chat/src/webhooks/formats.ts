import type { NotificationRequested } from '@maru/contracts';

/** What the receiver is sent. */
export type WebhookFormat = (notification: NotificationRequested) => object;

/** By the setting WEBHOOK_FORMAT. */
export const webhookFormats = {
  maru: (notification) => notification,
  /** `POST /_matrix/push/v1/notify` of the Matrix push gateway API. The user is the one device. */
  matrix: ({ userId, roomId, seq, senderId, roomName, mention, unread, text }) => ({
    notification: {
      event_id: `${roomId}/${seq}`,
      room_id: roomId,
      type: 'm.room.message',
      sender: senderId,
      room_name: roomName,
      prio: 'high',
      ...(text !== undefined && { content: { msgtype: 'm.text', body: text } }),
      counts: { unread },
      devices: [{ app_id: 'maru', pushkey: userId, tweaks: mention ? { highlight: true } : {} }],
    },
  }),
} satisfies Record<string, WebhookFormat>;
