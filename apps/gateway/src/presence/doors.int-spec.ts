import { randomUUID } from 'node:crypto';
import { Client } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import type { TestClient } from '../testing/client';
import { Device } from '../testing/device';
import { EventStream } from '../testing/event-stream';
import { GatewayRig } from '../testing/gateway-rig';
import { PlainClient } from '../testing/plain-client';
import { until } from '../testing/until';

interface Heard {
  name: string;
  body: Record<string, unknown>;
}

describe('presence and typing', () => {
  let rig: GatewayRig;
  const closing: (() => unknown)[] = [];
  beforeAll(async () => (rig = await GatewayRig.start()), 60_000);
  afterAll(async () => {
    for (const close of closing) await close();
    await rig.stop();
  });

  async function connected(userId: string): Promise<TestClient> {
    const client = await rig.connect(userId);
    await client.ready();
    return client;
  }

  /** Connects at a door; `heard`: all that came there for its user, by name. */
  const doors: Record<string, (userId: string) => Promise<() => Heard[]>> = {
    'Socket.IO': async (userId) => {
      const client = await connected(userId);
      return () => client.heard;
    },
    '/ws': async (userId) => {
      const client = new PlainClient(rig.url);
      closing.push(() => client.close());
      await client.connect(await rig.services.token(userId));
      return () => client.got.map(({ event, body }) => ({ name: String(event), body: { ...body } }));
    },
    STOMP: async (userId) => {
      const heard: Heard[] = [];
      const client = await stomp(userId);
      client.subscribe('/user/queue/events', ({ headers, body }) =>
        heard.push({ name: headers['type'] ?? '', body: JSON.parse(body) as Heard['body'] }),
      );
      return () => heard;
    },
    MQTT: async (userId) => {
      const device = await Device.of(rig, userId);
      closing.push(() => device.leave());
      await device.subscribe(['user/events', 'rooms/+/events']);
      return () => device.heard.map(({ body: { event = '', ...body } }) => ({ name: event, body }));
    },
    'server-sent events': async (userId) => {
      const authorization = `Bearer ${await rig.services.token(userId)}`;
      const stream = await EventStream.open(`${rig.url}/api/stream`, { authorization });
      closing.push(() => stream.close());
      return () => stream.got.map(({ event, data }) => ({ name: event, body: data }));
    },
  };

  async function stomp(userId: string): Promise<Client> {
    const token = await rig.services.token(userId);
    const client = new Client({
      webSocketFactory: () => new WebSocket(`${rig.url.replace('http', 'ws')}/stomp`, 'v12.stomp'),
      connectHeaders: { Authorization: `Bearer ${token}` },
      reconnectDelay: 0,
    });
    closing.push(() => client.deactivate());
    await new Promise<void>((resolve) => {
      client.onConnect = () => resolve();
      client.activate();
    });
    return client;
  }

  it.each(Object.keys(doors))(
    'of friends are told at the door of %s, and typing asks no store',
    async (door) => {
      const [ann, bob] = [randomUUID(), randomUUID()];
      rig.services.circles.set(bob, { friends: [ann], blockedBy: [] });
      const room = rig.room(ann, bob);
      const friend = await connected(ann);
      const heard = await doors[door]?.(bob);
      const named = (name: string) => heard?.().filter((one) => one.name === name) ?? [];
      const what = () => JSON.stringify(heard?.());
      await until(what, () => named('presence').length + named('presences').length > 0);
      await friend.ask('presence', { state: 'away' });
      await until(what, () => named('presence').some(({ body }) => body['state'] === 'away'));

      // Sessions of devices are saved now and then, whatever happens.
      const seen = () => rig.services.seen.filter(({ line }) => !line.endsWith('/devices/save')).length;
      const asked = seen();
      for (let turn = 0; turn < 5; turn++) await friend.ask('typing', { roomId: room.id });
      await until(what, () => named('typing').length > 0);
      await room.say(1);
      await friend.until(() => friend.seqs(room.id).length === 1);
      expect(named('typing').map(({ body }) => body)).toEqual([{ roomId: room.id, userId: ann }]);
      expect(seen()).toBe(asked);
    },
  );

  it('is said at every door that takes client events, and beside a stream', async () => {
    const [ann, watcher] = [randomUUID(), randomUUID()];
    rig.services.circles.set(watcher, { friends: [ann], blockedBy: [] });
    const watching = await connected(watcher);
    const last = (): unknown =>
      watching.heard
        .flatMap(({ name, body }) =>
          name === 'presences' ? (body['items'] as object[]) : name === 'presence' ? [body] : [],
        )
        .map((one) => (one as { state: string }).state)
        .at(-1);
    const becomes = (state: string) => watching.until(() => last() === state, 20_000);

    const plain = new PlainClient(rig.url);
    await plain.connect(await rig.services.token(ann));
    await becomes('online');
    expect(await plain.ask('presence', { state: 'away' })).toMatchObject({ ok: true });
    await becomes('away');

    const client = await stomp(ann);
    await becomes('online');
    client.publish({ destination: '/app/presence', body: JSON.stringify({ state: 'away' }) });
    await becomes('away');

    const authorization = `Bearer ${await rig.services.token(ann)}`;
    const stream = await EventStream.open(`${rig.url}/api/stream`, { authorization });
    await becomes('online');
    const body = JSON.stringify({ id: 'one', type: 'presence', state: 'away' });
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(`${rig.url}/api/commands`, { method: 'POST', headers, body });
    expect(answer.status).toBe(202);
    const { data } = await stream.until(({ event }) => event === 'reply');
    expect(data).toEqual({ id: 'one', type: 'presence', ok: true, answer: { state: 'away' } });
    await becomes('away');

    const device = await Device.of(rig, ann);
    await becomes('online');
    await device.leave();
    await becomes('away');
    stream.close();
    await client.deactivate();
    plain.close();
    await becomes('offline');
  });
});
