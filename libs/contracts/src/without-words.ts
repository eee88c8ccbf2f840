import type { RoomEvent } from './chat';

/**
 * An event as it is given out once its message has been deleted: nothing of what was said is left in a message and in
 * its edits; every other event stays as it is.
 */
export function withoutWords<E extends RoomEvent>(event: E): E {
  if (event.type === 'message') {
    const { mentions: _mentions, ...rest } = event;
    return { ...rest, text: '', metadata: {}, deleted: true } as E;
  }
  if (event.type === 'messageEdited') {
    const { mentions: _mentions, ...rest } = event;
    return { ...rest, text: '' } as E;
  }
  return event;
}
