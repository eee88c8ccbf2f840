import type { MyRoom } from '@maru/contracts';
import { MaruError } from '../errors';
import { Rest } from '../rest';
import { type Asked, away, fetchOf, moment, until } from '../testing/answers';
import { message, room } from '../testing/room-bodies';
import { defaultTiming } from '../timing';
import { Rooms } from './rooms';

const timing = { ...defaultTiming, firstPauseMs: 1, maxPauseMs: 2 };

/** The rooms of a user whose server answers as told, and what it was asked. */
function roomsOf(answer: (asked: Asked, time: number) => unknown, pauses = timing) {
  const asked: Asked[] = [];
  const begun: string[] = [];
  const fetch = fetchOf((one) => answer(one, asked.push(one)));
  const rest = new Rest({ url: 'https://chat.example.org', fetch, timing });
  const rooms = new Rooms({ timing: pauses, rest, me: () => 'me', begin: (roomId) => begun.push(roomId) });
  return { rooms, asked, begun };
}
const page = (items: MyRoom[], next?: string) => ({ items, next });
const ids = (rooms: Rooms): string[] => rooms.list.map(({ id }) => id);

describe('the rooms of a user', () => {
  it('count what comes while their list is read for the first time', async () => {
    const first = moment<object>();
    const { rooms } = roomsOf((_, time) =>
      time === 1 ? first.happened : page([room('a', 2, { unread: 1 })]),
    );
    const loading = rooms.load();
    rooms.apply(message('a', 2, 'ann'));
    first.happen(page([room('a', 1)]));
    await loading;
    expect(rooms.get('a')).toMatchObject({ seq: 1, unread: 0 });
    await until(() => rooms.get('a')?.unread === 1);
    rooms.end();
  });

  it('are asked for again when a connection is made while their list is read', async () => {
    const first = moment<object>();
    const { rooms } = roomsOf((_, time) => (time === 1 ? first.happened : page([room('a', 2)])));
    const loading = rooms.load();
    rooms.refresh();
    first.happen(page([room('a', 1)]));
    await loading;
    await until(() => rooms.get('a')?.seq === 2);
    rooms.end();
  });

  it('are asked for again when a marker moves while their list is read', async () => {
    const second = moment<object>();
    const read = room('a', 5, { readSeq: 5, lastMessage: message('a', 5, 'ann') });
    const unread = { ...read, readSeq: 1, unread: 4 };
    const { rooms } = roomsOf((_, time) => [page([unread]), second.happened][time - 1] ?? page([read]));
    await rooms.load();
    const loading = rooms.load();
    rooms.markerMoved('a', 5);
    second.happen(page([unread]));
    await loading;
    await until(() => rooms.get('a')?.unread === 0);
    rooms.end();
  });

  it('are all there after pages between which one has moved to the front, without one that was left', async () => {
    const second = moment<object>();
    const all = [room('a', 4), room('b', 3), room('c', 2)];
    const { rooms, begun } = roomsOf(
      (_, time) => [page(all), page(all.slice(0, 1), 'next'), second.happened][time - 1],
    );
    await rooms.load();
    begun.length = 0;
    const loading = rooms.load();
    rooms.apply(message('b', 9, 'ann'));
    rooms.removed('c');
    second.happen(page([room('c', 2)]));
    await loading;
    expect(ids(rooms)).toEqual(['b', 'a']);
    expect(begun).toEqual(['a']);
    rooms.end();
  });

  it('are asked for until there is an answer', async () => {
    const { rooms } = roomsOf((_, time) => {
      if (time === 1) return page([]);
      return time < 12 ? away : page([room('a', 1)]);
    });
    await rooms.load();
    rooms.refresh();
    await until(() => ids(rooms).length === 1);
    rooms.end();
  });

  it('are asked for until there is an answer the first time too, though whoever wanted them is told', async () => {
    const { rooms } = roomsOf((_, time) => (time < 12 ? away : page([room('a', 1)])));
    await expect(rooms.load()).rejects.toMatchObject({ code: 'unavailable' });
    await until(() => ids(rooms).length === 1);
    rooms.end();
  });

  it('are asked for at once when there is a connection again', async () => {
    let isAway = true;
    const slow = { ...timing, firstPauseMs: 3_600_000, maxPauseMs: 3_600_000 };
    const { rooms } = roomsOf(() => (isAway ? away : page([room('a', 1)])), slow);
    await expect(rooms.load()).rejects.toMatchObject({ code: 'unavailable' });
    expect(rooms.loaded).toBe(false);
    isAway = false;
    rooms.online();
    await until(() => rooms.loaded);
    expect(ids(rooms)).toEqual(['a']);
    rooms.end();
  });

  it('are not asked for again once they have ended, or where that is refused', async () => {
    const ended = roomsOf(() => away);
    await expect(ended.rooms.load()).rejects.toMatchObject({ code: 'unavailable' });
    ended.rooms.end();
    const refused = roomsOf(() => MaruError.from({ code: 'forbidden' }));
    await expect(refused.rooms.load()).rejects.toMatchObject({ code: 'forbidden' });
    const before = [ended.asked.length, refused.asked.length];
    const other = roomsOf(() => away);
    await other.rooms.load().catch(() => undefined);
    await until(() => other.asked.length > 12);
    other.rooms.end();
    expect([ended.asked.length, refused.asked.length]).toEqual(before);
  });

  it('send a first message under the id that is named, as often as it takes', async () => {
    const { rooms, asked } = roomsOf((_, time) => (time === 1 ? away : { seq: 2 }));
    await rooms.sendDirect('bob', 'hi', 'one');
    await rooms.sendDirect('bob', { text: 'hi' }, 'one');
    const what = 'POST /direct/bob/messages';
    expect(asked).toEqual(Array.from({ length: 3 }, () => ({ what, body: { text: 'hi', id: 'one' } })));
  });
});
