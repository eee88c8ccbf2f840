import { type CursorPart, readCursor, writeCursor } from './pages';

const id = '01a1fe83-9c3c-71c2-8bba-aadc31d30885';
const base64 = (bytes: string | number[]): string => Buffer.from(bytes as string).toString('base64');

describe('a cursor', () => {
  it.each<[CursorPart, string]>([
    ['instant', '2026-11-21T14:30:01.233'],
    ['name', base64('tea é 😀')],
    ['name', ''],
    ['seq', '17'],
  ])('of this list is read: %s %s', (part, first) => {
    expect(readCursor(writeCursor(`${first} ${id}`), part)).toEqual([first, id]);
  });

  it('may be left out', () => {
    expect(readCursor(undefined, 'seq')).toEqual([null, null]);
  });

  it.each<[string, CursorPart, string]>([
    ['no cursor at all', 'instant', 'abc'],
    ['an empty one', 'instant', ''],
    ['what is no time', 'instant', `x ${id}`],
    ['a day that there is not', 'instant', `2026-13-41T14:30:01.233 ${id}`],
    ['an id that is none', 'instant', `2026-11-21T14:30:01.233 ${'-'.repeat(36)}`],
    ['what is no seq', 'seq', `x ${id}`],
    ['a seq beyond all', 'seq', `99999999999 ${id}`],
    ['broken base64', 'name', `a ${id}`],
    ['a name with U+0000', 'name', `${base64('a\0b')} ${id}`],
    ['a name that is no UTF-8', 'name', `${base64([0xff, 0xfe])} ${id}`],
    ['another list’s', 'seq', `2026-11-21T14:30:01.233 ${id}`],
  ])('is refused with a code when it is %s', (_, part, text) => {
    const read = () => readCursor(writeCursor(text), part);
    expect(read).toThrow(expect.objectContaining({ code: 'bad_request' }) as Error);
  });
});
