import type { Maru as Client } from '@maru/client';
import { until } from '../support/until';
import type { ClientStage } from './client-stage';

/** Promises about rooms, unread counts and who is typing. */
export function rooms(stage: () => ClientStage): void {
  const rest = () => stage().maru.rest();

  it('keeps the list of rooms, with unread counts that agree over devices and after a connection was away', async () => {
    const roomId = await stage().room(stage().bob);
    const { line, at } = await stage().line();
    const [phone, desk, other] = [
      await stage().online(stage().bob, { url: at }),
      await stage().online(stage().bob),
      await stage().online(stage().ann),
    ];
    await Promise.all([phone.rooms.load(), desk.rooms.load()]);
    const seen = (one: Client) => one.rooms.get(roomId);
    for (let n = 1; n <= 3; n++) await other.room(roomId).send(`news ${n}`).sent;
    for (const one of [phone, desk]) {
      await until('three are unread', () => seen(one)?.unread === 3);
      expect(one.rooms.list[0]).toMatchObject({ id: roomId, lastMessage: { text: 'news 3' } });
    }
    const told = new Promise((resolve) => other.room(roomId).on('read', resolve));
    desk.room(roomId).read();
    expect(seen(desk)?.unread).toBe(0);
    await until('the other device knows', () => seen(phone)?.unread === 0);
    expect(await told).toMatchObject({ userId: stage().bob.id });
    line.cut('broken');
    await until('the phone is away', () => phone.state === 'offline');
    await other.room(roomId).send('news 4').sent;
    await until('it is unread', () => seen(desk)?.unread === 1);
    desk.room(roomId).read();
    await until('the server knows', async () =>
      (await rest().myRooms(stage().bob.token)).items.some(({ id, unread }) => id === roomId && unread === 0),
    );
    await other.room(roomId).send('news 5').sent;
    line.mend();
    await until(
      'the phone agrees',
      () => seen(phone)?.unread === 1 && seen(phone)?.lastMessage?.text === 'news 5',
    );
    const made = await desk.rooms.create({ name: 'Coffee', visibility: 'public' });
    await until('a new room is in the list', () => phone.rooms.get(made.id)?.name === 'Coffee');
    await desk.room(made.id).update({ name: 'Milk' });
    await until('it has its new name', () => phone.rooms.get(made.id)?.name === 'Milk');
    const left = new Promise((resolve) => phone.room(made.id).on('left', resolve));
    await desk.room(made.id).delete();
    await left;
    await until('it is gone', () => phone.rooms.get(made.id) === undefined);
  });

  it('tells who is typing, until he has said it', async () => {
    const roomId = await stage().room(stage().bob);
    const [one, other] = [await stage().online(stage().ann), await stage().online(stage().bob)];
    one.room(roomId).type();
    await until('he is typing', () => other.room(roomId).typing.includes(stage().ann.id));
    await one.room(roomId).send('that was it').sent;
    await until('he is not', () => other.room(roomId).typing.length === 0);
    one.room(roomId).type();
    expect(one.room(roomId).typing).toEqual([]);
  });

  it('goes quiet by itself about who types no more', async () => {
    const roomId = await stage().room(stage().bob);
    const [one, other] = [await stage().online(stage().ann), await stage().online(stage().bob)];
    one.room(roomId).type();
    await until('she is typing', () => other.room(roomId).typing.includes(stage().ann.id));
    await until('she is not', () => other.room(roomId).typing.length === 0);
  });

  it('tells who of a small room is there, away, or gone', async () => {
    const dan = stage().users[3] ?? stage().bob;
    const roomId = await stage().room(dan);
    const one = await stage().online(stage().ann);
    const other = await stage().online(dan);
    expect(await one.presence.watch(roomId)).toMatchObject({ members: 2 });
    const state = () => one.presence.of(dan.id)?.state;
    await until('he is there', () => state() === 'online');
    other.presence.set('away');
    await until('he is away', () => state() === 'away');
    other.close();
    await until('he is gone', () => state() === 'offline');
  });
}
