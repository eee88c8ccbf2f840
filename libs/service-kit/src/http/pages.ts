import { CodedError } from '@maru/contracts';

/** One page of a list that is not by seq. */
export interface Page<T> {
  items: T[];
  /** Cursor of the next page; left out on the last. */
  next?: string;
}

/** What stands before the id in a cursor. Anything else would reach the store as a value that it cannot read. */
export type CursorPart = 'instant' | 'name' | 'seq';

const wellFormed: Record<CursorPart, (text: string) => boolean> = {
  instant: (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/.test(text) && !Number.isNaN(Date.parse(`${text}Z`)),
  name: isStorableBase64,
  seq: (text) => /^\d{1,9}$/.test(text),
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The two parts of a page's `next`; nulls without a cursor.
 * @throws CodedError `bad_request` for one that is none of this list's.
 */
export function readCursor(cursor: string | undefined, part: CursorPart): [string, string] | [null, null] {
  if (cursor === undefined) return [null, null];
  const [first = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (rest.length > 0 || !uuid.test(id) || !wellFormed[part](first)) {
    throw new CodedError('bad_request', 'cursor: not the `next` of an earlier page of this list');
  }
  return [first, id];
}

/** A page's `next` of its last row's two parts, with a blank between them. */
export const writeCursor = (text: string): string => Buffer.from(text).toString('base64url');

/** A page of at most `limit` of the rows, which are one more when there is another page. */
export function toPage<R extends { cursor: string }, T>(
  rows: R[],
  limit: number,
  toItem: (row: R) => T,
): Page<T> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: kept.map(toItem),
    ...(more ? { next: writeCursor(last.cursor) } : {}),
  };
}

function isStorableBase64(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text || bytes.includes(0)) return false;
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}
