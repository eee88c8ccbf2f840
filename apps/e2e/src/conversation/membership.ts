import { until } from '../support/until';
import type { Scene } from './scene';

/** Promises about who hears what, and for how long. */
export function membership(scene: () => Scene): void {
  it('lets a user who is added over REST hear the room on his open sockets', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann);
    const phone = await scene().client(bob, 1);
    const laptop = await scene().client(bob, 2);
    const { seq } = await scene().maru.rest(1).add(ann.token, roomId, bob.id);
    await scene().maru.rest().post(ann.token, roomId, { text: 'welcome' });
    await Promise.all([phone.caughtUp(roomId, seq + 1), laptop.caughtUp(roomId, seq + 1)]);
    expect(phone.record.heard(roomId)).toMatchObject([
      { type: 'memberJoined', seq, userId: bob.id, byId: ann.id },
      { type: 'message', seq: seq + 1, text: 'welcome' },
    ]);
    expect(laptop.record.heard(roomId)).toEqual(phone.record.heard(roomId));
  });

  it('lets a removed member hear his memberLeft and nothing beyond it, on either gateway', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const annOne = await scene().client(ann, 1);
    const others = [await scene().client(bob, 1), await scene().client(bob, 2)];
    await annOne.send(roomId, 'before');
    const { seq } = await scene().maru.rest().remove(ann.token, roomId, bob.id);
    for (let number = 0; number < 20; number++) await annOne.send(roomId, `after ${number}`);
    // Word over another room that comes later shows that nothing is still under way.
    const open = await scene().room('public', ann, bob);
    await annOne.send(open, 'last');
    for (const other of others) {
      await other.caughtUp(open, 4);
      expect(other.record.heard(roomId).at(-1)).toMatchObject({ type: 'memberLeft', seq, userId: bob.id });
      expect(await other.send(roomId, 'let me in')).toEqual({ kind: 'refused', code: 'room_not_found' });
    }
    const history = await scene().maru.rest().ask('GET', `/rooms/${roomId}/events`, bob.token);
    expect(history).toMatchObject({ status: 404, body: { code: 'room_not_found' } });
  });

  it('tells who was removed while he was away that he is out, and where', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const away = await scene().client(bob, 2);
    away.drop();
    const { seq } = await scene().maru.rest().remove(ann.token, roomId, bob.id);
    await scene().maru.rest().post(ann.token, roomId, { text: 'not for him' });
    await away.connect();
    const ready = away.record.signals.findLast(({ name }) => name === 'ready')?.body;
    expect(ready).toMatchObject({ rooms: { [roomId]: { removed: true, seq } } });
    expect(away.record.heard(roomId).every((event) => event.seq <= seq)).toBe(true);
  });

  it('keeps unread and the read marker the same over devices', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const [phone, laptop] = [await scene().client(bob, 1), await scene().client(bob, 2)];
    const rest = scene().maru.rest();
    const seqs: number[] = [];
    for (const text of ['one', 'two', 'three']) seqs.push((await rest.post(ann.token, roomId, { text })).seq);
    const mine = async () => (await rest.myRooms(bob.token)).items.find(({ id }) => id === roomId);
    expect(await mine()).toMatchObject({ unread: 3, lastMessage: { text: 'three' } });
    await laptop.caughtUp(roomId, seqs[2] as number);
    const second = seqs[1] as number;
    expect(await phone.ask('read', { roomId, seq: second })).toEqual({ ok: true, readSeq: second });
    await until('unread is 1', async () => (await mine())?.unread === 1);
    const heard = () =>
      laptop.record.signals.some(
        ({ name, body }) => name === 'read' && (body as { seq: number }).seq === second,
      );
    await until('the other device hears the marker', heard);
    expect(await rest.read(bob.token, roomId, 1)).toEqual({ readSeq: second });
    expect(await rest.read(bob.token, roomId, 1000)).toEqual({ readSeq: seqs[2] });
    await until('unread is 0', async () => (await mine())?.unread === 0);
  });

  it('tells typing to the others and keeps it out of history', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const [annOne, bobTwo] = [await scene().client(ann, 1), await scene().client(bob, 2)];
    // Signals are kept nowhere: who has heard what is said hears them.
    expect(await annOne.send(roomId, 'hello')).toMatchObject({ kind: 'acked', seq: 4 });
    await bobTwo.caughtUp(roomId, 4);
    expect(await annOne.ask('typing', { roomId })).toEqual({ ok: true });
    const typing = () => bobTwo.record.signals.find(({ name }) => name === 'typing')?.body;
    expect(await until('Bob hears that she types', typing)).toEqual({ roomId, userId: ann.id });
    expect(await scene().events(ann, roomId)).toHaveLength(4);
  });

  it('hands a room over before its owner may leave it', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('public', ann, bob);
    const annOne = await scene().client(ann, 1);
    const rest = scene().maru.rest();
    expect(await annOne.ask('leaveRoom', { roomId })).toMatchObject({
      error: { code: 'owner_must_hand_over' },
    });
    await rest.get('PATCH', `/rooms/${roomId}`, ann.token, { ownerId: bob.id });
    expect(await annOne.ask('leaveRoom', { roomId })).toEqual({ ok: true, roomId, seq: 5 });
    expect((await rest.members(bob.token, roomId)).items).toMatchObject([{ userId: bob.id, owner: true }]);
  });
}
