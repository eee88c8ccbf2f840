/**
 * The `id:` of a stream: how far each partition of `chat.commands` had been given out, so that one id resumes all
 * rooms. Numbers of base 36 with dots between.
 */
export const streamId = (offsets: readonly number[]): string =>
  Array.from(offsets, (offset = 0) => offset.toString(36)).join('.');

/** `undefined`: this is no id of ours, and nothing can be resumed by it. */
export function readStreamId(id: unknown): number[] | undefined {
  if (typeof id !== 'string' || !/^[0-9a-z]{1,11}(\.[0-9a-z]{1,11}){0,9999}$/.test(id)) return undefined;
  const offsets = id.split('.').map((part) => Number.parseInt(part, 36));
  return offsets.every(Number.isSafeInteger) ? offsets : undefined;
}

/** The later place in each partition. */
export const later = (one: readonly number[], other: readonly number[]): number[] =>
  Array.from({ length: Math.max(one.length, other.length) }, (_, at) =>
    Math.max(one[at] ?? 0, other[at] ?? 0),
  );
