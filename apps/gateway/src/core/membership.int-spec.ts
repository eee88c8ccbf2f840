import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('membership decides who hears, at its seq', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  const message = { type: 'message' as const, senderId: randomUUID(), text: 'x' };

  it('lets all open connections of a user hear a room from his memberJoined on', async () => {
    const ann = randomUUID();
    const room = rig.room(randomUUID());
    await room.say(5);
    const clients = [await rig.connect(ann), await rig.connect(ann)];
    for (const client of clients) expect(await client.ready()).toEqual({});
    await room.add(message, { type: 'memberJoined', userId: ann }, message, message);
    for (const client of clients) {
      await client.until(() => client.seqs(room.id).length === 3);
      expect(client.seqs(room.id)).toEqual([7, 8, 9]);
      expect(client.heard[1]).toMatchObject({ name: 'memberJoined', body: { userId: ann, seq: 7 } });
    }
  });

  it('gives the leaver his memberLeft and nothing beyond, and the others everything', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const [leaver, stayer] = [await rig.connect(ann), await rig.connect(bob)];
    await Promise.all([leaver.ready(), stayer.ready()]);
    await room.add(message, message, { type: 'memberLeft', userId: ann }, message, message);
    await stayer.until(() => stayer.seqs(room.id).length === 5);
    await delay(100);
    expect(leaver.seqs(room.id)).toEqual([1, 2, 3]);
    expect(leaver.heard.at(-1)).toMatchObject({ name: 'memberLeft', body: { userId: ann } });
    expect(stayer.seqs(room.id)).toEqual(range(1, 5));
  });

  it('follows somebody who leaves and comes back within one batch', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const [mover, stayer] = [await rig.connect(ann), await rig.connect(bob)];
    await Promise.all([mover.ready(), stayer.ready()]);
    const turns = range(1, 10).flatMap(() => [
      message,
      { type: 'memberLeft' as const, userId: ann },
      message,
      { type: 'memberJoined' as const, userId: ann },
    ]);
    await room.add(...turns, message);
    await stayer.until(() => stayer.seqs(room.id).length === 41);
    await mover.until(() => mover.seqs(room.id).at(-1) === 41);
    expect(mover.seqs(room.id)).toEqual(range(1, 41).filter((seq) => seq % 4 !== 3));
  });

  it('gives a deleted room to its end', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const client = await rig.connect(ann);
    await client.ready();
    await room.add(message, { type: 'roomDeleted' });
    await client.until(() => client.seqs(room.id).length === 2);
    expect(client.heard.at(-1)).toMatchObject({ name: 'roomDeleted', body: { seq: 2 } });
  });

  it('lets a user hear a room that he joined while his rooms were being asked for', async () => {
    const ann = randomUUID();
    const room = rig.room(randomUUID());
    await room.say(2);
    let go: () => void = () => undefined;
    rig.services.hold = new Promise<void>((resolve) => (go = resolve));
    const client = await rig.connect(ann);
    await client.until(() => rig.services.seen.some(({ body }) => body.includes(ann)));
    const { events } = rig.services.rooms.get(room.id) ?? { events: [] };
    await room.add({ type: 'memberJoined', userId: ann }, message);
    rig.services.rooms.set(room.id, { events, members: new Map() });
    await delay(300);
    go();
    await client.until(() => client.seqs(room.id).length === 2);
    expect(client.seqs(room.id)).toEqual([3, 4]);
  });
});
