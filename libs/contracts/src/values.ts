import { z } from 'zod';

/** Characters that cannot be stored as text (U+0000, lone surrogates); contracts refuse them. */
export const storable = (value: string): boolean => value.isWellFormed() && !value.includes('\0');

/** Length in code points. A string's `length` bounds it from above, so most are never walked. */
export const atMost = (value: string, max: number): boolean =>
  value.length <= max || (value.length <= 2 * max && [...value].length <= max);
export const atLeast = (value: string, min: number): boolean =>
  value.length >= 2 * min || (value.length >= min && [...value].length >= min);

/** The same as `storable`, in JSON text: an escape whose backslash is not itself escaped. */
const unstorableInJson = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

export const userId = z.uuid().meta({ id: 'UserId', description: 'A user.' });
export const roomId = z.uuid().meta({ id: 'RoomId', description: 'A room.' });

/** An id given by a client, constant over all resends of the same message or room. */
export const clientId = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, '1 to 64 characters of A-Z a-z 0-9 . _ : -')
  .meta({ description: "The sender's own id, the same over all resends: 1 to 64 of A-Z a-z 0-9 . _ : -" });

/** A name of a user or a room: 1 to 64 printable characters, at least one of them not white space. */
export const displayName = z
  .string()
  .refine(
    (v) => /\S/.test(v) && atMost(v, 64) && !unprintable.test(v) && storable(v),
    '1 to 64 printable characters',
  )
  .meta({ description: '1 to 64 printable characters.' });

/** The text of a message, kept to the letter: 1 to 8,000 code points, at least one not white space. */
export const messageText = z
  .string()
  .refine((v) => /\S/.test(v), 'at least one character that is not white space')
  .refine((v) => atMost(v, 8000), 'at most 8,000 characters')
  .refine(storable, 'no U+0000 and no lone surrogates')
  .meta({ description: '1 to 8,000 code points, at least one that is not white space.' });

export const messageKind = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'a lower-case word of at most 32 characters: [a-z][a-z0-9-]*')
  .meta({ description: 'What sort of message it is, for the client to show: [a-z][a-z0-9-]{0,31}.' });

/** An emoji or a word such as `:party:`: 1 to 32 printable characters without white space. */
export const reaction = z
  .string()
  .refine(
    (v) => v !== '' && atMost(v, 32) && !/\s/.test(v) && !unprintable.test(v) && v !== '__proto__',
    '1 to 32 printable characters without white space',
  )
  .meta({ description: 'An emoji or a word such as :party:, 1 to 32 characters without white space.' });

/** Users that a message names: each once, at most 50. Only members of the room count. */
export const mentionedIds = z
  .array(userId)
  .max(50)
  .refine((ids) => new Set(ids).size === ids.length, 'each user once')
  .meta({ uniqueItems: true });

/** As JSON text; undefined when it is nested deeper than that can be written down. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** An object of the client's own, at most 4 KB as JSON. */
export const metadata = z
  .record(z.string(), z.unknown())
  .refine((v) => {
    const json = jsonOf(v);
    return json !== undefined && Buffer.byteLength(json) <= 4096 && !unstorableInJson.test(json);
  }, 'an object of at most 4 KB as JSON, without U+0000 or lone surrogates')
  .meta({ description: "An object of the client's own, at most 4 KB as JSON." });

export const seq = z
  .int()
  .min(0)
  .meta({ description: 'A place in the order of a room: 1, 2, 3 …; 0 is before all.' });
/** A time that somebody names. */
export const deadline = z.iso
  .datetime()
  .refine((time) => time >= '1970', 'not before 1970')
  .meta({ description: 'A time as ISO 8601 in UTC, from 1970 on.' });
export const instant = z.iso.datetime().meta({ description: 'A time as ISO 8601 in UTC.' });

export const limit = z.coerce.number().int().min(1).max(100).default(50);
/** Lists that are not by seq: `cursor` is the `next` of the page before. */
export const listQuery = z.object({ limit, cursor: z.string().max(200).optional() });
export type ListQuery = z.infer<typeof listQuery>;
export const seqParam = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const searchText = z.string().max(64).refine(storable, 'no U+0000 and no lone surrogates').default('');
