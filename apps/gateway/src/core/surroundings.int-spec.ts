import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import { Writer } from '../testing/writer';
import { EVENT_READER } from './core.module';
import type { LogReader } from './log-reader.service';

describe('when the surroundings fail', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());
  afterEach(() => (rig.services.away = false));

  it('a gap is filled as soon as the store is back, and nothing is given out of order meanwhile', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const client = await rig.connect(ann);
    await client.ready();
    rig.services.away = true;
    room.storeMessages(3);
    await room.say(1);
    await delay(500);
    await room.say(2);
    expect(client.seqs(room.id)).toEqual([]);
    rig.services.away = false;
    await client.until(() => client.seqs(room.id).length === 6);
    expect(client.seqs(room.id)).toEqual(range(1, 6));
  });

  it('a resume goes on once the store is back; a connection whose rooms cannot be had is sent away', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann);
    room.storeMessages(20);
    let go: () => void = () => undefined;
    const client = await rig.connect(ann, { resume: { [room.id]: 2 } });
    rig.services.hold = new Promise<void>((resolve) => (go = resolve));
    await client.until(() =>
      rig.services.seen.some(({ body }) => body.includes(room.id) || body.includes(ann)),
    );
    rig.services.away = true;
    const other = await rig.connect(bob);
    go();
    await other.until(() => other.heard.some(({ name }) => name === 'closing'), 20_000);
    expect(other.heard).toEqual([{ name: 'closing', body: { code: 'unavailable', reconnect: true } }]);
    rig.services.away = false;
    await client.until(() => client.seqs(room.id).length === 18);
    expect(client.seqs(room.id)).toEqual(range(3, 20));
    await client.ready();
  });

  it('events that the log has no more are fetched, for quiet rooms and for rooms joined by them', async () => {
    const ann = randomUUID();
    const [quiet, joined] = [rig.room(ann), rig.room(randomUUID())];
    const client = await rig.connect(ann);
    await client.ready();
    quiet.storeMessages(4);
    joined.storeMessages(2);
    joined.store({ type: 'memberJoined', userId: ann });
    const reader = rig.app.get<LogReader>(EVENT_READER, { strict: false });
    await Promise.all(range(0, 11).map((partition) => reader.missed(partition)));
    await client.until(() => client.seqs(quiet.id).length === 4);
    await Promise.all([quiet.say(1), joined.say(1)]);
    await client.until(() => client.seqs(quiet.id).length === 5 && client.seqs(joined.id).length === 2);
    expect(client.seqs(quiet.id)).toEqual(range(1, 5));
    expect(client.seqs(joined.id)).toEqual([3, 4]);
  });

  it('members on two gateways see the same events at the same seqs', async () => {
    const other = await GatewayRig.start({}, rig.services);
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const clients = [await rig.connect(ann), await other.connect(bob), await other.connect(ann)];
    for (const client of clients) await client.ready();
    await room.say(50);
    await room.add({ type: 'memberLeft', userId: bob });
    await room.say(50);
    for (const [index, client] of clients.entries()) {
      const wanted = range(1, index === 1 ? 51 : 101);
      await client.until(() => client.seqs(room.id).length >= wanted.length);
      expect(client.seqs(room.id)).toEqual(wanted);
    }
    for (const client of clients) client.close();
    await other.close();
  });

  it('a stop answers what was asked, tells every client, and lets nobody in', async () => {
    const stopping = await GatewayRig.start({}, rig.services);
    const writer = await new Writer(stopping).start();
    writer.answer = async () => {
      await delay(400);
      return { ok: true, seq: 1 };
    };
    const ann = randomUUID();
    const [asking, idle] = [await stopping.connect(ann), await stopping.connect(ann)];
    await Promise.all([asking.ready(), idle.ready()]);
    const reasons = [asking, idle].map(
      (client) => new Promise((resolve) => client.socket.on('disconnect', resolve)),
    );
    const ack = asking.ask('sendMessage', { roomId: randomUUID(), text: 'hi' });
    await writer.until(1);
    const closed = stopping.close();
    const late = await stopping.connect(ann);
    const refused = new Promise<Error>((resolve) => late.socket.on('connect_error', resolve));
    expect(await ack).toMatchObject({ ok: true, seq: 1 });
    // Not 'io server disconnect', after which a stock client stays away.
    expect(await Promise.all(reasons)).toEqual(['transport close', 'transport close']);
    for (const client of [asking, idle]) {
      const retryAfterMs = expect.any(Number) as number;
      expect(client.heard.at(-1)).toEqual({
        name: 'closing',
        body: { code: 'shutdown', reconnect: true, retryAfterMs },
      });
    }
    expect(await refused).toBeInstanceOf(Error);
    late.close();
    await closed;
  });
});
