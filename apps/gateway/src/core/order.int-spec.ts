import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('one order per room', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  it('fills a gap on the log from the store, in order, while other rooms go on', async () => {
    const ann = randomUUID();
    const [broken, whole] = [rig.room(ann), rig.room(ann)];
    const client = await rig.connect(ann);
    await client.ready();
    await broken.say(3);
    broken.storeMessages(7);
    await Promise.all([broken.say(5), whole.say(5)]);
    await client.until(() => client.seqs(broken.id).length === 15 && client.seqs(whole.id).length === 5);
    expect(client.seqs(broken.id)).toEqual(range(1, 15));
    expect(client.seqs(whole.id)).toEqual(range(1, 5));
  });

  it('drops what comes again', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const client = await rig.connect(ann);
    await client.ready();
    const events = room.storeMessages(4);
    await room.publish(...events);
    await room.publish(...events);
    await room.say(1);
    await client.until(() => client.seqs(room.id).length === 5);
    expect(client.seqs(room.id)).toEqual(range(1, 5));
  });

  it('cuts the shared frames for a connection that is ahead of the log', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const early = await rig.connect(bob);
    await early.ready();
    const late = room.storeMessages(10);
    const ahead = await rig.connect(ann, { resume: { [room.id]: 4 } });
    expect(await ahead.ready()).toEqual({ [room.id]: { seq: 10, reset: false } });
    await room.publish(...late);
    await room.say(3);
    await ahead.until(() => ahead.seqs(room.id).at(-1) === 13);
    await early.until(() => early.seqs(room.id).at(-1) === 13);
    expect(ahead.seqs(room.id)).toEqual(range(5, 13));
    expect(early.seqs(room.id)).toEqual(range(1, 13));
  });

  it('misses nothing that passes on the log while the rooms of a user are being asked for', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    await room.say(2);
    let go: () => void = () => undefined;
    rig.services.hold = new Promise<void>((resolve) => (go = resolve));
    const client = await rig.connect(ann);
    await client.until(() => rig.services.seen.some(({ body }) => body.includes(ann)));
    // The answer is older than these, although it comes later.
    const answer = rig.services.rooms.get(room.id);
    const later = room.storeMessages(3);
    rig.services.rooms.set(room.id, {
      events: answer?.events.slice(0, 2) ?? [],
      members: new Map([[ann, {}]]),
    });
    await room.publish(...later);
    await delay(300);
    go();
    await client.until(() => rig.services.seen.some(({ line }) => line.endsWith('/events')));
    rig.services.rooms.set(room.id, answer as NonNullable<typeof answer>);
    await client.until(() => client.seqs(room.id).length === 3);
    expect(client.seqs(room.id)).toEqual([3, 4, 5]);
  });

  it('gives a batch over several rooms once, whole and in the order of each', async () => {
    const users = range(1, 6).map(() => randomUUID());
    const rooms = range(0, 3).map((index) => rig.room(...users.filter((_, user) => user % 3 !== index)));
    const clients = await Promise.all(users.map((user) => rig.connect(user)));
    for (const client of clients) await client.ready();
    await Promise.all(rooms.flatMap((room) => range(1, 10).map(() => room.say(10))));
    for (const [index, client] of clients.entries()) {
      for (const [at, room] of rooms.entries()) {
        const wanted = index % 3 === at ? [] : range(1, 100);
        await client.until(() => client.seqs(room.id).length >= wanted.length);
        expect(client.seqs(room.id)).toEqual(wanted);
      }
    }
  });
});
