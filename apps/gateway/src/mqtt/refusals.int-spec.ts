import { randomUUID } from 'node:crypto';
import { topics } from '@maru/contracts';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import type { IClientOptions } from 'mqtt';
import { Device, type DeviceOptions, urlOf } from '../testing/device';
import { GatewayRig } from '../testing/gateway-rig';
import { until } from '../testing/until';
import { Writer } from '../testing/writer';
import { reasons } from './reasons';

describe('what the MQTT door refuses, and how it says so', () => {
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

  const device = async (userId: string, options: DeviceOptions = {}): Promise<Device> => {
    const made = await Device.of(rig, userId, options);
    devices.push(made);
    return made;
  };
  const refusal = async (options: IClientOptions): Promise<unknown> => {
    const token = await rig.services.token(randomUUID());
    return Device.at(urlOf(rig), { password: token, ...options }).then(
      () => 'let in',
      (error: Error & { code?: number }) => error.code,
    );
  };
  const messages = `rooms/${randomUUID()}/messages`;
  const will = (topic: string, more: object = {}) => ({
    will: { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: false, ...more },
  });

  it.each<[string, IClientOptions, number, number]>([
    ['a token of nobody', { password: 'abc.def.ghi' }, reasons.badLogin, 4],
    ['no token', { password: '' }, reasons.badLogin, 4],
    ['the id of another user', { username: randomUUID() }, reasons.notAuthorized, 5],
    ['a client id of 200 characters', { clientId: 'x'.repeat(200) }, reasons.clientId, 2],
    ['a will elsewhere', will('devices/lamp'), reasons.topicInvalid, 5],
    ['a will that is no message', will(messages, { payload: Buffer.from(' ') }), reasons.notAsDocumented, 5],
    ['a will to be retained', will(messages, { retain: true }), reasons.retain, 5],
    ['a will of QoS 2', will(messages, { qos: 2 }), reasons.qos, 5],
  ])('CONNECT with %s', async (_, options, reason, code) => {
    expect(await refusal({ ...options, protocolVersion: 5 })).toBe(reason);
    expect(await refusal({ ...options, protocolVersion: 4 })).toBe(code);
  });

  it('CONNECT of a session that has ended', async () => {
    const [userId, sessionId] = [randomUUID(), randomUUID()];
    const token = await rig.services.token(userId, { sessionId });
    const one = await device(userId, { password: token });
    await rig.app.get(ProducerService).send({
      topic: topics.authEvents,
      key: userId,
      value: JSON.stringify({ userId, sessionId, at: new Date().toISOString() }),
      headers: cloudEventHeaders({ type: 'session.ended', source: '/test', id: randomUUID() }),
    });
    await one.until(() => one.ended);
    expect(one.farewell).toMatchObject({ reasonCode: reasons.notAuthorized });
    expect(await refusal({ password: token, protocolVersion: 5 })).toBe(reasons.badLogin);
  });

  it('a connection whose token runs out', async () => {
    const userId = randomUUID();
    const one = await device(userId, { password: await rig.services.token(userId, { seconds: 1 }) });
    await one.until(() => one.ended);
    expect(one.farewell).toMatchObject({
      reasonCode: reasons.connectTime,
      properties: { reasonString: expect.stringContaining('token_expired') as string },
    });
  });

  it.each([
    ['a room he is not in', `rooms/${randomUUID()}/events`, reasons.notAuthorized],
    ['everything', '#', reasons.filterInvalid],
    ['what is published to', messages, reasons.filterInvalid],
    ['a room of no id', 'rooms/lobby/events', reasons.filterInvalid],
    ['a share', '$share/all/rooms/+/events', reasons.sharedSubscription],
  ])('SUBSCRIBE to %s', async (_, filter, reason) => {
    const one = await device(randomUUID());
    expect(await one.subscribe(filter)).toEqual([reason]);
    const old = await device(randomUUID(), { protocolVersion: 4 });
    expect(await old.subscribe(filter)).toEqual([0x80]);
  });

  it('a subscription that cannot be kept, and leaves the one before as it was', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const filter = `rooms/${room.id}/events`;
    const kept = { clean: false, properties: { sessionExpiryInterval: 60 } };
    const one = await device(ann, kept);
    expect(await one.subscribe(filter, 1)).toEqual([1]);
    rig.services.away = true;
    expect(await one.subscribe([filter, 'rooms/+/events'], 0)).toEqual([
      reasons.unspecified,
      reasons.unspecified,
    ]);
    rig.services.away = false;
    await room.say(1);
    await one.until(() => one.seqs(room.id).length === 1);
    expect(one.heard.at(-1)?.qos).toBe(1);
    const other = rig.room(ann);
    await room.add({ type: 'memberJoined', userId: ann });
    await other.say(1);
    await room.say(1);
    await one.until(() => one.seqs(room.id).length === 3);
    expect(one.seqs(other.id)).toEqual([]);
  });

  it('takes a subscription to a room that he joined a moment ago, by the store', async () => {
    const ann = randomUUID();
    const one = await device(ann);
    const room = rig.room();
    room.store({ type: 'memberJoined', userId: ann });
    expect(await one.subscribe(`rooms/${room.id}/events`)).toEqual([1]);
  });

  const publish = async (one: Device, topic: string, qos: 0 | 1 | 2 = 1): Promise<unknown> => {
    const code = one.client.publishAsync(topic, 'hello', { qos }).then(
      () => 0,
      (error: Error & { code?: number }) => error.code,
    );
    return Promise.race([code, one.until(() => one.ended).then(() => one.farewell?.reasonCode ?? 'closed')]);
  };
  const notAMember = () => ({
    ok: false as const,
    error: { code: 'not_a_member', message: 'Join it first.' },
  });

  it('PUBLISH to where he may not: a reason in PUBACK of MQTT 5, the end in MQTT 3.1.1', async () => {
    writer.answer = notAMember;
    const five = await device(randomUUID());
    expect(await publish(five, messages)).toBe(reasons.notAuthorized);
    expect(await publish(five, 'devices/lamp')).toBe(reasons.topicInvalid);
    expect(five.ended).toBe(false);
    expect(await publish(await device(randomUUID(), { protocolVersion: 4 }), messages)).toBe('closed');
    expect(await publish(await device(randomUUID(), { protocolVersion: 4 }), 'devices/lamp')).toBe('closed');
  });

  it('PUBLISH with QoS 0 to where he may not, which has no answer: the end', async () => {
    writer.answer = notAMember;
    const one = await device(randomUUID());
    await one.client.publishAsync(messages, 'hello', { qos: 0 });
    await one.until(() => one.ended);
    expect(one.farewell).toMatchObject({
      reasonCode: reasons.notAuthorized,
      properties: { reasonString: 'not_a_member: Join it first.' },
    });
  });

  it('does not end a client whose QoS 0 could not be done for the moment', async () => {
    writer.answer = () => ({ ok: false, error: { code: 'expired', message: 'Too late.' } });
    const one = await device(randomUUID());
    await one.client.publishAsync(messages, 'hello', { qos: 0 });
    expect(await publish(one, messages)).toBe(reasons.quota);
    expect(one.ended).toBe(false);
  });

  it('QoS 2, and what is to be retained', async () => {
    const one = await device(randomUUID(), { protocolVersion: 4 });
    expect(await publish(one, messages, 2)).toBe('closed');
    const five = await device(randomUUID());
    five.client.publish(messages, 'hello', { qos: 0, retain: true });
    await five.until(() => five.ended);
    expect([reasons.retain, undefined]).toContain(five.farewell?.reasonCode);
  });

  describe('a will', () => {
    const gone = async (options: DeviceOptions, end: (one: Device) => Promise<unknown>) => {
      writer.answer = () => ({ ok: true, seq: 1 });
      const [userId, roomId] = [randomUUID(), randomUUID()];
      const one = await device(userId, {
        ...options,
        ...will(`rooms/${roomId}/messages`, { payload: Buffer.from('{"text":"gone","kind":"status"}') }),
      });
      await end(one);
      return () => writer.commands.filter((command) => command.userId === userId);
    };

    it.each([4, 5] as const)(
      'is said for a device that goes without a word, protocol level %i',
      async (protocolVersion) => {
        const said = await gone({ protocolVersion }, (one) => one.drop());
        await until(
          () => 'a will',
          () => said().length === 1,
        );
        expect(said()[0]).toMatchObject({ type: 'sendMessage', text: 'gone', kind: 'status' });
      },
    );

    it('is not said for one that takes its leave', async () => {
      const said = await gone({}, (one) => one.leave());
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(said()).toEqual([]);
    });

    it('waits for its delay, and is not said when the device is back by then', async () => {
      const clientId = randomUUID();
      const userId = randomUUID();
      const options = { clientId, clean: false, properties: { sessionExpiryInterval: 60 } };
      const lamp = () =>
        device(userId, { ...options, ...will(messages, { properties: { willDelayInterval: 4 } }) });
      const said = () => writer.commands.filter((command) => command.userId === userId);
      await (await lamp()).drop();
      const back = await lamp();
      await new Promise((resolve) => setTimeout(resolve, 4600));
      expect(said()).toEqual([]);
      await back.drop();
      await until(
        () => 'a will',
        () => said().length === 1,
      );
    });
  });
});
