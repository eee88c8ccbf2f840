import { mailbox } from '../mailbox';
import { mutedRoom, muteRoom, notificationSettings, quietHours } from '../notifications';
import { inRoom, user, type Route } from './route';

export const notificationsRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/api/mailbox',
    summary: 'What came while you had no connection and is not read, by room; the oldest first',
    access: user,
    answers: { 200: mailbox },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/rooms/{id}/mute',
    summary: 'Get no notifications of a room, until a time or for ever',
    access: user,
    params: inRoom,
    body: muteRoom,
    answers: { 200: mutedRoom },
    errors: ['room_not_found', 'not_a_member'],
  },
  {
    method: 'delete',
    path: '/api/rooms/{id}/mute',
    summary: 'Get notifications of a room again',
    access: user,
    params: inRoom,
    answers: { 204: null },
    errors: [],
  },
  {
    method: 'get',
    path: '/api/notifications',
    summary: 'How you are notified',
    access: user,
    answers: { 200: notificationSettings },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/notifications/quiet-hours',
    summary: 'Get no notifications between two times of each day',
    access: user,
    body: quietHours,
    answers: { 200: notificationSettings },
    errors: [],
  },
  {
    method: 'delete',
    path: '/api/notifications/quiet-hours',
    summary: 'Get notifications at all times',
    access: user,
    answers: { 200: notificationSettings },
    errors: [],
  },
];
