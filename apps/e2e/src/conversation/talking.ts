import type { Message } from '@maru/contracts';
import type { Scene } from './scene';

/** Promises of a conversation over two gateways. */
export function talking(scene: () => Scene): void {
  it('takes people from sign-up to agreeing on every seq, over both gateways, REST and sockets', async () => {
    const { maru } = scene();
    const ann = await scene().user('Ann');
    const bob = await scene().user('Bob');
    const roomId = await scene().room('public', ann);
    await maru.rest(1).join(bob.token, roomId);
    const annOne = await scene().client(ann, 1);
    const bobTwo = await scene().client(bob, 2);
    for (let turn = 1; turn <= 5; turn++) {
      await annOne.send(roomId, `Ann says ${turn}`);
      await bobTwo.send(roomId, `Bob answers ${turn}`);
      await annOne.post(roomId, `Ann posts ${turn} 안녕 👋 <&> "quotes"\n`);
    }
    expect(await scene().verdict(bob, roomId, [annOne, bobTwo])).toEqual([]);
    expect(annOne.record.sent.map(({ outcome }) => outcome.kind)).not.toContain('unknown');
    const live = annOne.record.heard(roomId);
    expect(live.at(0)?.seq).toBe(4);
    expect(live).toEqual((await scene().events(ann, roomId)).slice(3));
  });

  it('gives who comes back exactly what he missed, in order, before ready', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const annOne = await scene().client(ann, 1);
    const bobTwo = await scene().client(bob, 2);
    await annOne.send(roomId, 'heard live');
    await bobTwo.caughtUp(roomId, 4);
    bobTwo.drop();
    for (let number = 1; number <= 300; number++) await annOne.send(roomId, `missed ${number}`);
    await bobTwo.connect();
    expect(bobTwo.record.last(roomId)).toBe(304);
    expect(bobTwo.record.filledCount(roomId)).toBe(0);
    expect(await scene().verdict(bob, roomId, [annOne, bobTwo])).toEqual([]);
  });

  it('says reset, and gives no part, to who missed more than 500 events', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const annOne = await scene().client(ann, 1);
    const bobTwo = await scene().client(bob, 2);
    bobTwo.drop();
    await Promise.all(Array.from({ length: 501 }, (_, number) => annOne.send(roomId, `missed ${number}`)));
    const heard = bobTwo.record.heard(roomId).length;
    await bobTwo.connect();
    await annOne.send(roomId, 'after his return');
    expect(await scene().verdict(bob, roomId, [annOne, bobTwo])).toEqual([]);
    expect(bobTwo.record.heard(roomId)).toHaveLength(heard + 1);
    expect(bobTwo.record.filledCount(roomId)).toBe(501);
  });

  it('resumes a client whose network was cut, by itself', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const annOne = await scene().client(ann, 1);
    const bobBoth = await scene().client(bob, 2, { urls: scene().maru.urls });
    for (let number = 1; number <= 40; number++) {
      await annOne.send(roomId, `number ${number}`);
      if (number % 10 === 0) bobBoth.link.cut();
    }
    expect(await scene().verdict(bob, roomId, [annOne, bobBoth])).toEqual([]);
    expect(bobBoth.link.endings.length).toBeGreaterThan(0);
  });

  it('lets a polling client hear the same as one on WebSocket', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const roomId = await scene().room('private', ann, bob);
    const polling = await scene().client(bob, 2, { door: 'polling' });
    const websocket = await scene().client(ann, 1);
    const texts = Array.from({ length: 50 }, (_, number) => `한글 ${number}`);
    await Promise.all(texts.map((text) => websocket.send(roomId, text)));
    await polling.send(roomId, 'heard you');
    expect(await scene().verdict(bob, roomId, [polling, websocket])).toEqual([]);
    expect(polling.record.heard(roomId)).toEqual(websocket.record.heard(roomId));
  });

  it('makes one direct room of two first messages at once, and both hear it on open sockets', async () => {
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const annOne = await scene().client(ann, 1);
    const bobTwo = await scene().client(bob, 2);
    const rest = scene().maru.rest();
    const sends = [
      rest.direct(ann.token, bob.id, { id: 'a', text: 'hi Bob' }),
      rest.direct(bob.token, ann.id, { id: 'b', text: 'hi Ann' }),
    ];
    const [one, other] = (await Promise.all(sends)) as [Message, Message];
    expect(one.roomId).toBe(other.roomId);
    await Promise.all([annOne.caughtUp(one.roomId, 5), bobTwo.caughtUp(one.roomId, 5)]);
    // Who wrote first is in the room one event earlier.
    expect(annOne.record.heard(one.roomId).slice(-3)).toEqual(bobTwo.record.heard(one.roomId).slice(-3));
    const mine = (await rest.myRooms(bob.token)).items.find(({ id }) => id === one.roomId);
    expect(mine).toMatchObject({ visibility: 'direct', peerId: ann.id, seq: 5, messageNo: 2 });
  });
}
