import type { RoomEvent } from './chat';

/**
 * An event as it is given out once its message has been deleted: nothing of what was said is left in a message and in
 * its edits; every other event stays as it is.
 */
export function withoutWords<E extends RoomEvent>(event: E): E {
  const { type } = event;
  if (type !== 'message' && type !== 'messageEdited') return event;
  const said: Partial<Record<string, unknown>> = { ...event, text: '' };
  delete said['mentions'];
  return { ...said, ...(type === 'message' && { metadata: {}, deleted: true }) } as unknown as E;
}
