import type { MyRoom } from '@maru/contracts';
import { head, message, room } from '../testing/room-bodies';
import { RoomList } from './room-list';

function listOf(...rooms: MyRoom[]): RoomList {
  const list = new RoomList(() => 'me');
  list.take(rooms);
  return list;
}

describe('the list of rooms', () => {
  it('counts what others say as unread, and puts the room first', () => {
    const list = listOf(room('a', 5, { lastMessage: message('a', 5, 'ann') }), room('b', 2));
    expect(list.sorted().map(({ id }) => id)).toEqual(['a', 'b']);
    expect(list.apply(message('b', 7, 'ann'))).toBe(false);
    expect(list.sorted()[0]).toMatchObject({ id: 'b', seq: 7, unread: 1, lastMessage: { text: 'text 7' } });
  });

  it('has read everything up to what the user himself says', () => {
    const list = listOf(room('a', 5, { unread: 4 }));
    list.apply(message('a', 6, 'me'));
    expect(list.get('a')).toMatchObject({ unread: 0, readSeq: 6 });
  });

  it('drops what the server had counted already', () => {
    const list = listOf(room('a', 5, { unread: 4 }));
    expect(list.apply(message('a', 5, 'ann'))).toBe(false);
    expect(list.get('a')?.unread).toBe(4);
  });

  it('knows that nothing is unread at its last message, and asks where it cannot know', () => {
    const list = listOf(room('a', 9, { unread: 4, lastMessage: message('a', 8, 'ann') }));
    expect(list.read('a', 7)).toBe(true);
    expect(list.read('a', 8)).toBe(false);
    expect(list.get('a')).toMatchObject({ unread: 0, readSeq: 8 });
  });

  it('asks how many are unread where the last message is out of reach', () => {
    const list = listOf(room('a', 9, { unread: 4 }), room('empty', 9));
    expect(list.read('a', 7)).toBe(true);
    expect(list.get('a')).toMatchObject({ unread: 4, readSeq: 7 });
    expect(list.read('a', 9)).toBe(false);
    expect(list.get('a')).toMatchObject({ unread: 0, readSeq: 9 });
    expect(list.read('empty', 7)).toBe(false);
  });

  it('shows the last message as it reads now', () => {
    const list = listOf(room('a', 5, { lastMessage: message('a', 5, 'ann') }));
    list.apply({ type: 'messageEdited', ...head('a', 6), messageSeq: 5, text: 'better', byId: 'ann' });
    expect(list.get('a')?.lastMessage?.text).toBe('better');
    list.apply({ type: 'messageDeleted', ...head('a', 7), messageSeq: 5, byId: 'ann' });
    expect(list.get('a')?.lastMessage).toMatchObject({ text: '', deleted: true });
  });

  it('asks for a room that it does not know, and lets go of one that was left or deleted', () => {
    const list = listOf(room('a', 1), room('b', 1));
    expect(list.apply({ type: 'memberJoined', ...head('c', 2), userId: 'me', byId: 'ann' })).toBe(true);
    list.apply({ type: 'memberLeft', ...head('a', 2), userId: 'me', byId: 'me' });
    list.apply({ type: 'memberLeft', ...head('b', 2), userId: 'ann', byId: 'ann' });
    expect(list.sorted().map(({ id }) => id)).toEqual(['b']);
    list.apply({ type: 'roomDeleted', ...head('b', 3), byId: 'ann' });
    expect(list.sorted()).toEqual([]);
  });

  it('believes a list of the server unless it has heard more since', () => {
    const list = listOf(room('a', 5), room('gone', 1));
    list.apply(message('a', 6, 'ann'));
    list.take([room('a', 5)]);
    expect(list.get('a')).toMatchObject({ seq: 6, unread: 1 });
    list.take([room('a', 6, { unread: 0, readSeq: 6 })]);
    expect(list.get('a')?.unread).toBe(0);
    expect(list.get('gone')).toBeUndefined();
  });

  it('takes a marker that the server has moved, whatever has been said since', () => {
    const list = listOf(room('a', 5, { unread: 4 }));
    list.apply(message('a', 6, 'ann'));
    expect(list.get('a')?.unread).toBe(5);
    list.take([room('a', 5, { readSeq: 5 })]);
    expect(list.get('a')).toMatchObject({ seq: 6, readSeq: 5, unread: 1 });
  });

  it('keeps the marker where the user himself has said something since', () => {
    const list = listOf(room('a', 5, { unread: 4 }));
    list.apply(message('a', 6, 'me'));
    list.apply(message('a', 7, 'ann'));
    list.take([room('a', 5, { readSeq: 3, unread: 2 })]);
    expect(list.get('a')).toMatchObject({ seq: 7, readSeq: 6, unread: 1 });
  });

  it('counts nothing that a marker told of before has passed', () => {
    const list = listOf(room('a', 5));
    list.read('a', 7);
    for (const seq of [6, 7, 8]) list.apply(message('a', seq, 'ann'));
    expect(list.get('a')).toMatchObject({ readSeq: 7, unread: 1 });
  });

  it('keeps a room that moved while the list was read, and takes none that was left meanwhile', () => {
    const list = listOf(room('a', 5), room('b', 2), room('c', 3), room('d', 1), room('e', 1));
    list.expect();
    list.apply(message('b', 7, 'ann'));
    list.apply({ type: 'memberLeft', ...head('c', 4), userId: 'me', byId: 'ann' });
    list.remove('d');
    list.take([room('a', 5), room('c', 3), room('d', 1)]);
    expect(list.sorted().map(({ id }) => id)).toEqual(['b', 'a']);
    list.expect();
    list.take([room('d', 2)]);
    expect(list.sorted().map(({ id }) => id)).toEqual(['d']);
  });
});
