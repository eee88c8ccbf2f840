import { randomUUID } from 'node:crypto';
import { range } from '../testing/client';
import { Device, type DeviceOptions } from '../testing/device';
import { GatewayRig } from '../testing/gateway-rig';
import { until } from '../testing/until';
import { Writer } from '../testing/writer';
import { reasons } from './reasons';

describe('a session of a device', () => {
  let rig: GatewayRig;
  let other: GatewayRig;
  const devices: Device[] = [];
  beforeAll(async () => {
    rig = await GatewayRig.start();
    other = await GatewayRig.start({}, rig.services);
  });
  afterAll(async () => {
    for (const { client } of devices) client.end(true);
    await other.close();
    await rig.stop();
  });

  const kept = (protocolVersion: 4 | 5): DeviceOptions => ({
    protocolVersion,
    clean: false,
    ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 3600 } }),
  });
  const device = async (userId: string, options: DeviceOptions, at = rig): Promise<Device> => {
    const made = await Device.of(at, userId, options);
    devices.push(made);
    return made;
  };
  const present = ({ sessionPresent }: Device): boolean => sessionPresent;

  describe.each([4, 5] as const)('with protocol level %i', (version) => {
    it('goes on at any gateway with every event after the last that was acknowledged, without subscribing again', async () => {
      const ann = randomUUID();
      const room = rig.room(ann);
      await room.say(3);
      const options = { ...kept(version), clientId: 'lamp' };
      const one = await device(ann, options);
      expect(present(one)).toBe(false);
      await one.subscribe(`rooms/${room.id}/events`);
      await room.say(5);
      await one.until(() => one.seqs(room.id).length === 5);
      await one.drop();
      await room.say(300);
      const two = await device(ann, options, other);
      expect(present(two)).toBe(true);
      await room.say(5);
      await two.until(() => two.seqs(room.id).at(-1) === 313);
      // What it had not acknowledged at its end comes again: a session's cursor is saved once a second.
      const [first = 0] = two.seqs(room.id);
      expect(first).toBeGreaterThan(3);
      expect(first).toBeLessThanOrEqual(9);
      expect(two.seqs(room.id)).toEqual(range(first, 313));
    });

    it('has what was not acknowledged once more', async () => {
      const ann = randomUUID();
      const room = rig.room(ann);
      const options = { ...kept(version), clientId: 'lamp' };
      const one = await device(ann, options);
      await one.subscribe('rooms/+/events');
      await one.drop();
      await room.say(4);
      const mute = await device(ann, { ...options, mute: true });
      await mute.until(() => mute.seqs(room.id).length === 1);
      await mute.drop();
      const again = await device(ann, options);
      await again.until(() => again.seqs(room.id).length === 4);
      expect(again.seqs(room.id)).toEqual([1, 2, 3, 4]);
    });

    it('is forgotten by a clean start', async () => {
      const ann = randomUUID();
      const room = rig.room(ann);
      const one = await device(ann, { ...kept(version), clientId: 'lamp' });
      await one.subscribe('rooms/+/events');
      await one.drop();
      const clean = await device(ann, { protocolVersion: version, clean: true, clientId: 'lamp' });
      expect(present(clean)).toBe(false);
      await clean.leave();
      const again = await device(ann, { ...kept(version), clientId: 'lamp' });
      expect(present(again)).toBe(false);
      await room.say(1);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(again.heard).toEqual([]);
    });

    it('is taken over by who comes with its client id, here and at another gateway', async () => {
      const ann = randomUUID();
      const options = { ...kept(version), clientId: 'lamp' };
      const one = await device(ann, options);
      const bob = await device(randomUUID(), options);
      const two = await device(ann, options);
      await one.until(() => one.ended);
      if (version === 5) expect(one.farewell).toMatchObject({ reasonCode: reasons.takenOver });
      const three = await device(ann, options, other);
      await until(
        () => 'the end of the second',
        () => two.ended,
        15_000,
      );
      expect(bob.ended || three.ended).toBe(false);
    });
  });

  it('begins a room that was joined meanwhile at its joining, and tells of one that was left', async () => {
    const ann = randomUUID();
    const [joined, left] = [rig.room(), rig.room(ann)];
    await joined.say(3);
    const options = { ...kept(5), clientId: 'lamp' };
    const one = await device(ann, options);
    await one.subscribe('rooms/+/events');
    await one.leave();
    await joined.add({ type: 'memberJoined', userId: ann });
    await joined.say(2);
    await left.add({ type: 'memberLeft', userId: ann });
    const two = await device(ann, options);
    await two.until(() => two.seqs(joined.id).length === 3 && two.heard.length === 4);
    expect(two.seqs(joined.id)).toEqual([4, 5, 6]);
    expect(two.heard.find(({ body }) => body.event === 'removed')).toMatchObject({
      topic: `rooms/${left.id}/events`,
      body: { roomId: left.id, seq: 1 },
    });
  });

  it('is asked to come again when it joined a room while it came in, and then has all of it', async () => {
    const ann = randomUUID();
    const options = { ...kept(5), clientId: 'lamp' };
    const one = await device(ann, options);
    await one.subscribe('rooms/+/events');
    await one.leave();
    const room = rig.room();
    room.storeMessages(2);
    const { devices: store } = rig.services;
    const open = store.open.bind(store);
    store.open = (query) => {
      const opened = open(query);
      room.store({ type: 'memberJoined', userId: ann });
      room.storeMessages(3);
      return opened;
    };
    const two = await device(ann, options);
    await two.until(() => two.ended);
    store.open = open;
    expect(two.farewell).toMatchObject({ reasonCode: reasons.busy });
    const three = await device(ann, options);
    await three.until(() => three.seqs(room.id).length === 4);
    expect(three.seqs(room.id)).toEqual([3, 4, 5, 6]);
  });

  it('is told reset of a room with more than a resume gives, and goes on from its head', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const options = { ...kept(5), clientId: 'lamp' };
    const one = await device(ann, options);
    await one.subscribe(`rooms/${room.id}/events`);
    await one.leave();
    room.storeMessages(501);
    const mute = await device(ann, { ...options, mute: true });
    await mute.until(() => mute.heard.length === 1);
    await mute.drop();
    const two = await device(ann, options);
    await two.until(() => two.heard.length === 1);
    expect(two.heard[0]).toMatchObject({ body: { event: 'reset', roomId: room.id, seq: 501 } });
    await room.say(1);
    await two.until(() => two.seqs(room.id).length === 1);
    expect(two.seqs(room.id)).toEqual([502]);
    await two.leave();
    const three = await device(ann, options);
    await room.say(1);
    await three.until(() => three.seqs(room.id).at(-1) === 503);
    expect(three.heard.every(({ body }) => body.event === undefined)).toBe(true);
  });

  it('does not outlive its connection when it was not to', async () => {
    const ann = randomUUID();
    const one = await device(ann, { protocolVersion: 5, clean: false, clientId: 'lamp' });
    await one.subscribe('rooms/+/events');
    await one.leave();
    expect(present(await device(ann, { protocolVersion: 5, clean: false, clientId: 'lamp' }))).toBe(false);
  });

  it('says a message once that it says again with DUP at another gateway', async () => {
    const writer = await new Writer(rig).start();
    writer.answer = () => undefined;
    const [ann, roomId] = [randomUUID(), randomUUID()];
    const options = { ...kept(5), clientId: 'lamp' };
    const one = await device(ann, options);
    one.client.publish(`rooms/${roomId}/messages`, 'on', { qos: 1, messageId: 11 } as never);
    await writer.until(1);
    const packetId = one.client.getLastMessageId();
    await one.drop();
    const two = await device(ann, options, other);
    two.client.stream.write(
      Buffer.concat([
        Buffer.from([0x3a, 2 + 51 + 2 + 1 + 2, 0, 51]),
        Buffer.from(`rooms/${roomId}/messages`),
        Buffer.from([packetId >> 8, packetId & 0xff, 0]),
        Buffer.from('on'),
      ]),
    );
    await writer.until(2);
    expect(writer.commands[1]?.id).toBe(writer.commands[0]?.id);
    await writer.stop();
  });
});
