import { randomUUID } from 'node:crypto';
import { range } from '../testing/client';
import { Device, type DeviceOptions } from '../testing/device';
import { GatewayRig } from '../testing/gateway-rig';
import { Writer } from '../testing/writer';

const ways: [string, DeviceOptions][] = [
  ['MQTT 3.1.1 over TCP', { protocolVersion: 4 }],
  ['MQTT 5 over TCP', { protocolVersion: 5 }],
  ['MQTT 3.1.1 over WebSocket', { protocolVersion: 4, over: 'websocket' }],
  ['MQTT 5 over WebSocket', { protocolVersion: 5, over: 'websocket' }],
];

describe.each(ways)('a device that speaks %s', (_, options) => {
  let rig: GatewayRig;
  let writer: Writer;
  const devices: Device[] = [];
  beforeAll(async () => {
    rig = await GatewayRig.start();
    writer = await new Writer(rig).start();
  });
  afterAll(async () => {
    for (const { client } of devices) client.end(true);
    await writer.stop();
    await rig.stop();
  });

  const device = async (userId: string, more: DeviceOptions = {}): Promise<Device> => {
    const made = await Device.of(rig, userId, { ...options, ...more });
    devices.push(made);
    return made;
  };

  it.each([0, 1] as const)(
    'hears a room with QoS %i in the order of its seq, and nothing of the others',
    async (qos) => {
      const ann = randomUUID();
      const [room, other] = [rig.room(ann), rig.room(ann)];
      await room.say(2);
      const one = await device(ann);
      expect(await one.subscribe(`rooms/${room.id}/events`, qos)).toEqual([qos]);
      for (let round = 0; round < 20; round++) await Promise.all([room.say(10), other.say(1)]);
      await one.until(() => one.seqs(room.id).length === 200);
      expect(one.seqs(room.id)).toEqual(range(3, 202));
      expect(
        one.heard.every(({ topic, qos: heard }) => topic === `rooms/${room.id}/events` && heard === qos),
      ).toBe(true);
    },
  );

  it('hears all of its rooms, those that it joins later from its joining on', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const [first, later] = [rig.room(ann), rig.room(bob)];
    await later.say(3);
    const one = await device(ann);
    expect(await one.subscribe('rooms/+/events')).toEqual([1]);
    await first.say(2);
    await later.add({ type: 'memberJoined', userId: ann });
    await later.say(2);
    await one.until(() => one.seqs(first.id).length === 2 && one.seqs(later.id).length === 3);
    expect(one.seqs(later.id)).toEqual([4, 5, 6]);
  });

  it('is told of what is for its user alone on user/events', async () => {
    const ann = randomUUID();
    const one = await device(ann, {
      clientId: 'tablet',
      clean: false,
      properties: { sessionExpiryInterval: 60 },
    });
    expect(await one.subscribe('user/events')).toEqual([0]);
    await one.drop();
    const again = await device(ann, { clientId: 'tablet', clean: false });
    await again.until(() => again.heard.length === 1);
    expect(again.heard[0]).toMatchObject({ topic: 'user/events', body: { event: 'ready', rooms: {} } });
  });

  it('hears no more of a room once it has unsubscribed', async () => {
    const ann = randomUUID();
    const [room, other] = [rig.room(ann), rig.room(ann)];
    const one = await device(ann);
    await one.subscribe([`rooms/${room.id}/events`, `rooms/${other.id}/events`]);
    await room.say(1);
    await one.until(() => one.seqs(room.id).length === 1);
    await one.client.unsubscribeAsync(`rooms/${room.id}/events`);
    await room.say(1);
    await other.say(1);
    await one.until(() => one.seqs(other.id).length === 1);
    expect(one.seqs(room.id)).toEqual([1]);
  });

  it('has its PUBACK once the writer has answered, not before', async () => {
    const [ann, roomId] = [randomUUID(), randomUUID()];
    const one = await device(ann);
    let commit: () => void = () => undefined;
    writer.answer = async () => {
      await new Promise<void>((resolve) => (commit = resolve));
      return { ok: true, seq: 7 };
    };
    const before = writer.commands.length;
    let acked = false;
    const published = one.client
      .publishAsync(`rooms/${roomId}/messages`, 'on', { qos: 1 })
      .then(() => (acked = true));
    await writer.until(before + 1);
    expect(writer.commands.at(-1)).toMatchObject({
      type: 'sendMessage',
      roomId,
      userId: ann,
      text: 'on',
      kind: 'text',
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(acked).toBe(false);
    commit();
    await published;
  });

  it('says text, or what sendMessage takes as JSON', async () => {
    const [ann, roomId] = [randomUUID(), randomUUID()];
    const one = await device(ann);
    writer.answer = () => ({ ok: true, seq: 1 });
    const said = async (payload: string): Promise<unknown> => {
      await one.client.publishAsync(`rooms/${roomId}/messages`, payload, { qos: 1 });
      return writer.commands.at(-1);
    };
    expect(await said('{no json')).toMatchObject({ text: '{no json' });
    expect(await said('[1]')).toMatchObject({ text: '[1]' });
    const metadata = { degrees: 21 };
    expect(
      await said(JSON.stringify({ text: 'warm', id: 'w1', kind: 'reading', metadata, roomId: randomUUID() })),
    ).toMatchObject({ roomId, text: 'warm', id: 'w1', kind: 'reading', metadata });
  });

  it('makes two messages of two equal ones', async () => {
    const [ann, roomId] = [randomUUID(), randomUUID()];
    const one = await device(ann);
    writer.answer = () => ({ ok: true, seq: 1 });
    const before = writer.commands.length;
    for (let turn = 0; turn < 2; turn++)
      await one.client.publishAsync(`rooms/${roomId}/messages`, 'on', { qos: 1 });
    await one.client.publishAsync(`rooms/${roomId}/messages`, 'on', { qos: 0 });
    await one.client.publishAsync(`rooms/${roomId}/messages`, 'on', { qos: 0 });
    await writer.until(before + 4);
    expect(new Set(writer.commands.slice(before).map(({ id }) => id)).size).toBe(4);
  });
});
