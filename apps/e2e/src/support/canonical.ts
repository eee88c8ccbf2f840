import { type RoomEvent, withoutWords } from '@maru/contracts';

/** JSON with the keys of every object in one order, so that equal values have equal text whoever wrote them. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * Whether what somebody was told, as canonical text, is the event that history has: with the words that it had before its
 * message was deleted, too.
 */
export function tellsOf(told: string, event: string | undefined): boolean {
  return told === event || canonical(withoutWords(JSON.parse(told) as RoomEvent)) === event;
}
