import type { MessageNow } from '@maru/contracts';
import { MaruError } from '../errors';
import { Outbox } from '../outbox/outbox';
import { Rest } from '../rest';
import { away, fetchOf, moment, until } from '../testing/answers';
import { message } from '../testing/room-bodies';
import { defaultTiming } from '../timing';
import { Feeds } from './feeds';
import { RoomMessages } from './messages';

const timing = { ...defaultTiming, firstPauseMs: 1, maxPauseMs: 2 };

/** The messages of a room whose server answers as told, and what it was asked. */
function messagesOf(answer: (time: number) => unknown) {
  const asked: string[] = [];
  const fetch = fetchOf(({ what }) => answer(asked.push(what)));
  const rest = new Rest({ url: 'https://chat.example.org', fetch, timing });
  const feeds = new Feeds({
    timing,
    fetch: () => Promise.resolve([]),
    deliver: () => undefined,
    skipped: () => undefined,
    out: () => undefined,
  });
  feeds.begin('room', 3);
  const outbox = new Outbox({
    timing,
    store: undefined,
    online: () => Promise.resolve(),
    send: () => Promise.reject(away),
    passed: () => false,
    changed: () => undefined,
  });
  const messages = new RoomMessages('room', { timing, rest, feeds, outbox, me: () => 'me' }, () => undefined);
  return { messages, asked, seqs: () => messages.now.map(({ seq }) => seq) };
}
const page = (...seqs: number[]) => ({
  items: seqs.map((seq): MessageNow => message('room', seq, 'ann')),
  seq: Math.max(...seqs),
});

describe('the messages of a room', () => {
  it('are read as soon as that can be, without another connection', async () => {
    const { messages, seqs } = messagesOf((time) => (time < 12 ? away : page(2, 3)));
    await expect(messages.open(50)).rejects.toMatchObject({ code: 'unavailable' });
    await until(() => seqs().length === 2);
    messages.apply(message('room', 4, 'ann'));
    expect(seqs()).toEqual([2, 3, 4]);
  });

  it('are not asked for again once nobody wants them, or where that is refused', async () => {
    const [closed, ended] = [messagesOf(() => away), messagesOf(() => away)];
    await expect(closed.messages.open(50)).rejects.toMatchObject({ code: 'unavailable' });
    closed.messages.close();
    await expect(ended.messages.open(50)).rejects.toMatchObject({ code: 'unavailable' });
    ended.messages.end();
    const refused = messagesOf(() => MaruError.from({ code: 'not_a_member' }));
    await expect(refused.messages.open(50)).rejects.toMatchObject({ code: 'not_a_member' });
    const all = [closed, ended, refused];
    const before = all.map(({ asked }) => asked.length);
    const other = messagesOf(() => away);
    await other.messages.open(50).catch(() => undefined);
    await until(() => other.asked.length > 12);
    other.messages.end();
    expect(all.map(({ asked }) => asked.length)).toEqual(before);
  });

  it('stay closed where they were closed before they came', async () => {
    const { messages, seqs } = messagesOf(() => page(2, 3));
    const opening = messages.open(50);
    messages.close();
    await opening;
    messages.apply(message('room', 4, 'ann'));
    expect(seqs()).toEqual([]);
  });

  it.each(['at once', 'while they are read'])(
    'are there when they are closed and opened again %s',
    async (when) => {
      const first = moment<object>();
      const { messages, asked, seqs } = messagesOf((time) => (time === 1 ? first.happened : page(2, 3)));
      const openings = [messages.open(50)];
      if (when !== 'at once') await until(() => asked.length === 1);
      messages.close();
      openings.push(messages.open(2));
      first.happen(page(2, 3));
      await Promise.all(openings);
      messages.apply(message('room', 4, 'ann'));
      expect(seqs()).toEqual([2, 3, 4]);
      expect(asked.at(-1)).toBe('GET /rooms/room/messages?limit=2');
      expect(messages.hasOlder).toBe(true);
    },
  );

  it('begin anew when too much was missed while they were read', async () => {
    const first = moment<object>();
    const { messages, asked, seqs } = messagesOf((time) => (time === 1 ? first.happened : page(8, 9)));
    const opening = messages.open(50);
    await until(() => asked.length === 1);
    messages.skipped();
    first.happen(page(2, 3));
    await opening;
    expect(seqs()).toEqual([8, 9]);
  });
});
