import type { ChatMessage } from '@maru/client';
import { rowsOf } from './rows';

const said = (seq: number, senderId: string, more: Partial<ChatMessage> = {}): ChatMessage => ({
  ...{ id: `m${seq}`, roomId: 'r', senderId, text: `${seq}`, kind: 'text', metadata: {}, state: 'sent', seq },
  createdAt: new Date(2026, 10, 25, 12, seq).toISOString(),
  ...more,
});
const options = { hasOlder: false, unreadAfter: undefined, me: 'ada' };

/** Rows as short words: who says it where that is shown, `+` where it is not. */
const shape = (messages: ChatMessage[], more: Partial<Parameters<typeof rowsOf>[1]> = {}): string =>
  rowsOf(messages, { ...options, ...more })
    .map((row) => (row.kind === 'message' ? (row.first ? row.message.senderId : '+') : row.kind))
    .join(' ');

describe('the rows of a timeline', () => {
  it('say who speaks once, while he goes on within five minutes', () => {
    expect(shape([said(1, 'ada'), said(2, 'ada'), said(3, 'bob'), said(9, 'bob')])).toBe('day ada + bob bob');
  });

  it('begin each day with a line', () => {
    const later = new Date(2026, 10, 26, 0, 1).toISOString();
    expect(shape([said(1, 'ada'), said(2, 'ada', { createdAt: later })])).toBe('day ada day ada');
  });

  it('have one line above the first message of others that is unread', () => {
    const messages = [said(1, 'bob'), said(2, 'ada'), said(3, 'bob'), said(4, 'bob')];
    expect(shape(messages, { unreadAfter: 1 })).toBe('day bob ada unread bob +');
    expect(shape(messages, { unreadAfter: 4 })).toBe('day bob ada bob +');
  });

  it('have no such line while it lies farther back than was read', () => {
    expect(shape([said(5, 'bob'), said(6, 'bob')], { unreadAfter: 2, hasOlder: true })).toBe('+');
  });

  it('stay as they are when older ones are put in front', () => {
    const messages = [said(1, 'bob'), said(2, 'bob'), said(3, 'ada'), said(4, 'bob')];
    const before = rowsOf(messages.slice(1), { ...options, hasOlder: true });
    expect(rowsOf(messages, options).slice(-before.length)).toEqual(before);
  });

  it('show what is on its way although nothing else is read yet', () => {
    const own = said(1, 'ada', { state: 'sending' });
    delete own.seq;
    expect(shape([own], { hasOlder: true })).toBe('day ada');
  });
});
