import type { MessageNow, RoomEvent } from '@maru/contracts';
import { withOutbox, Timeline } from './timeline';

const [roomId, me, other] = ['room', 'me', 'other'];
const at = (seq: number): string => new Date(seq * 1000).toISOString();
const message = (seq: number, more: Partial<MessageNow> = {}): MessageNow => ({
  ...{ type: 'message', id: `m${seq}`, roomId, seq, messageNo: seq, createdAt: at(seq), senderId: other },
  ...{ text: `text ${seq}`, kind: 'text', metadata: {} },
  ...more,
});
const head = (seq: number, messageSeq: number) => ({
  roomId,
  seq,
  messageNo: 9,
  createdAt: at(seq),
  messageSeq,
});
const edited = (seq: number, of: number, text: string): RoomEvent => ({
  type: 'messageEdited',
  ...head(seq, of),
  text,
  byId: other,
});
const deleted = (seq: number, of: number): RoomEvent => ({
  type: 'messageDeleted',
  ...head(seq, of),
  byId: other,
});
const reacted = (seq: number, of: number, userId: string, reaction = '👍'): RoomEvent => ({
  ...{ type: 'reactionAdded', ...head(seq, of), userId, reaction },
});
const unreacted = (seq: number, of: number, userId: string, reaction = '👍'): RoomEvent => ({
  ...{ type: 'reactionRemoved', ...head(seq, of), userId, reaction },
});

function timeline() {
  const one = new Timeline(() => me);
  const page = (items: MessageNow[], seq: number) => {
    one.expectPage();
    one.take({ items, seq });
    one.pageDone();
  };
  return { one, page, texts: () => one.messages.map(({ text }) => text) };
}

describe('a timeline', () => {
  it('joins pages from the newest back, and what comes after', () => {
    const { one, page, texts } = timeline();
    page([message(8), message(9)], 9);
    one.apply(message(10));
    page([message(5), message(7)], 10);
    one.apply(message(10));
    expect(texts()).toEqual([5, 7, 8, 9, 10].map((seq) => `text ${seq}`));
    expect(one.oldest).toBe(5);
    expect([one.has(7), one.has(6)]).toEqual([true, false]);
  });

  it('shows a message as it reads after edits and deletion', () => {
    const { one, page } = timeline();
    page([message(1, { mentions: [me] }), message(2, { metadata: { a: 1 } })], 2);
    one.apply(edited(3, 1, 'better'));
    one.apply(deleted(4, 2));
    one.apply(edited(5, 2, 'too late'));
    expect(one.messages[0]).toMatchObject({ text: 'better', editedAt: at(3), seq: 1 });
    expect(one.messages[0]).not.toHaveProperty('mentions');
    expect(one.messages[1]).toMatchObject({ text: '', metadata: {}, deleted: true });
  });

  it('counts reactions on from the page, and knows which are mine', () => {
    const { one, page } = timeline();
    page([message(1, { reactions: { '👍': { count: 2, mine: false } } })], 4);
    one.apply(reacted(5, 1, me));
    one.apply(reacted(6, 1, other, ':tea:'));
    expect(one.messages[0]?.reactions).toEqual({
      '👍': { count: 3, mine: true },
      ':tea:': { count: 1, mine: false },
    });
    one.apply(unreacted(7, 1, me));
    one.apply(unreacted(8, 1, other, ':tea:'));
    expect(one.messages[0]?.reactions).toEqual({ '👍': { count: 2, mine: false } });
  });

  it('counts no reaction twice that the page holds already', () => {
    const { one, page } = timeline();
    const two = { reactions: { '👍': { count: 2, mine: false } } };
    page([message(1, two)], 5);
    for (const seq of [4, 5]) one.apply(reacted(seq, 1, other));
    expect(one.messages[0]?.reactions).toEqual(two.reactions);
    one.apply(reacted(6, 1, other));
    expect(one.messages[0]?.reactions).toEqual({ '👍': { count: 3, mine: false } });
  });

  it('applies to an older page what came while it was under way', () => {
    const { one, page, texts } = timeline();
    page([message(9)], 9);
    one.expectPage();
    one.apply(edited(10, 5, 'edited meanwhile'));
    one.apply(edited(11, 9, 'as well'));
    one.take({ items: [message(5)], seq: 9 });
    one.pageDone();
    expect(texts()).toEqual(['edited meanwhile', 'as well']);
  });

  it('has what is on its way behind it, once', () => {
    const { one, page } = timeline();
    page([message(1), message(2, { senderId: me, id: 'mine' })], 2);
    const own = (id: string) => ({
      ...{ id, roomId, senderId: me, text: id, kind: 'text', metadata: {}, createdAt: at(3) },
      state: 'sending' as const,
    });
    const all = withOutbox(one.messages, [own('mine'), own('next')]);
    expect(all.map(({ id, state }) => `${id} ${state}`)).toEqual(['m1 sent', 'mine sent', 'next sending']);
  });
});
