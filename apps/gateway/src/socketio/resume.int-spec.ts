import { randomUUID } from 'node:crypto';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('resume', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  it('gives what was missed in order, then ready, then what is live', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    await room.say(40);
    const client = await rig.connect(ann, { resume: { [room.id]: 10 } });
    expect(await client.ready()).toEqual({ [room.id]: { seq: 40, reset: false } });
    expect(client.heard.map(({ name }) => name)).toEqual([...range(11, 40).map(() => 'newMessage'), 'ready']);
    await room.say(5);
    await client.until(() => client.seqs(room.id).length === 35);
    expect(client.seqs(room.id)).toEqual(range(11, 45));
  });

  it('is whole while events keep coming', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    await room.say(300);
    const talk = (async () => {
      for (let round = 0; round < 60; round++) await room.say(5);
    })();
    const clients = [];
    for (let turn = 0; turn < 25; turn++) {
      const from = room.head - 200;
      clients.push({ from, client: await rig.connect(ann, { resume: { [room.id]: from } }) });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await talk;
    for (const { from, client } of clients) {
      await client.until(() => client.seqs(room.id).at(-1) === 600);
      expect(client.seqs(room.id)).toEqual(range(from + 1, 600));
      expect((await client.ready())[room.id]).toMatchObject({ reset: false });
    }
  });

  it('takes what it can from the tail of the room and asks the store once', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const first = await rig.connect(bob);
    await first.ready();
    await room.say(50);
    await first.until(() => first.seqs(room.id).length === 50);
    const before = rig.services.seen.filter(({ line }) => line.endsWith('/events')).length;
    const client = await rig.connect(ann, { resume: { [room.id]: 20 } });
    await client.ready();
    expect(client.seqs(room.id)).toEqual(range(21, 50));
    expect(rig.services.seen.filter(({ line }) => line.endsWith('/events')).length).toBe(before);
  });

  it('says reset and gives nothing of a room with more than 500 missed events, or of which the client is ahead', async () => {
    const ann = randomUUID();
    const [long, ahead, exact] = [rig.room(ann), rig.room(ann), rig.room(ann)];
    for (const room of [long, exact]) room.storeMessages(510);
    ahead.storeMessages(3);
    const resume = { [long.id]: 9, [ahead.id]: 4, [exact.id]: 10 };
    const client = await rig.connect(ann, { resume });
    expect(await client.ready()).toEqual({
      [long.id]: { seq: 510, reset: true },
      [ahead.id]: { seq: 3, reset: true },
      [exact.id]: { seq: 510, reset: false },
    });
    expect(client.seqs(long.id)).toEqual([]);
    expect(client.seqs(ahead.id)).toEqual([]);
    expect(client.seqs(exact.id)).toEqual(range(11, 510));
    await long.say(1);
    await client.until(() => client.seqs(long.id).length === 1);
    expect(client.seqs(long.id)).toEqual([511]);
  });

  it('gives 5,000 events a connection at most; the rooms beyond are reset', async () => {
    const ann = randomUUID();
    const rooms = range(1, 11).map(() => rig.room(ann));
    for (const room of rooms) room.storeMessages(480);
    const resume = Object.fromEntries(rooms.map((room) => [room.id, 0]));
    const client = await rig.connect(ann, { resume });
    const ready = await client.ready();
    const reset = rooms.filter((room) => (ready[room.id] as { reset: boolean }).reset);
    expect(reset).toHaveLength(1);
    for (const room of rooms) {
      expect(client.seqs(room.id)).toEqual(reset.includes(room) ? [] : range(1, 480));
    }
  });

  it('tells removed for a room that he has left, and for one that never was', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    await room.say(2);
    await room.add({ type: 'memberLeft', userId: ann });
    await room.say(2);
    const unknown = randomUUID();
    const client = await rig.connect(ann, { resume: { [room.id]: 1, [unknown]: 7 } });
    expect(await client.ready()).toEqual({
      [room.id]: { removed: true, seq: 3 },
      [unknown]: { removed: true, seq: 0 },
    });
    expect(client.seqs(room.id)).toEqual([]);
  });
});
