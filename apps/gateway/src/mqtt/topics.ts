import { roomId } from '@maru/contracts';

/** What a client may subscribe to: one room's events, those of all his rooms, or what is for himself. */
export type Filter = { kind: 'room'; roomId: string } | { kind: 'rooms' } | { kind: 'user' };

/** Topics are case-sensitive, and room ids are told in lower case. */
const inRoom = (text: string, what: string): string | undefined => {
  const id = new RegExp(`^rooms/([0-9a-f-]{36})/${what}$`).exec(text)?.[1];
  return roomId.safeParse(id).data;
};

export const userEvents = 'user/events';
export const roomEvents = (id: string): string => `rooms/${id}/events`;

/** The room of `rooms/{roomId}/messages`. */
export const publishedRoom = (topic: string): string | undefined => inRoom(topic, 'messages');

export function readFilter(text: string): Filter | undefined {
  if (text === 'rooms/+/events') return { kind: 'rooms' };
  if (text === userEvents) return { kind: 'user' };
  const id = inRoom(text, 'events');
  return id === undefined ? undefined : { kind: 'room', roomId: id };
}
