import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { gatewayGoneMs } from '@maru/contracts';
import { range } from '../testing/client';
import { Device } from '../testing/device';
import { EventStream } from '../testing/event-stream';
import { GatewayRig } from '../testing/gateway-rig';
import { PlainClient } from '../testing/plain-client';
import { until } from '../testing/until';
import { Writer } from '../testing/writer';
import { Drain } from './drain.service';

interface Told {
  userId: string;
  state: string;
}

const drainMs = 3000;
const count = 100;

describe('a gateway that ends in slices', () => {
  /** Where they come back. */
  let other: GatewayRig;
  const rigs: GatewayRig[] = [];
  const clients: PlainClient[] = [];
  beforeAll(async () => (other = await GatewayRig.start()));
  afterAll(async () => {
    for (const client of clients) client.close();
    for (const rig of rigs) await rig.close();
    await other.stop();
  });

  const start = async (settings: Record<string, string> = {}): Promise<GatewayRig> => {
    const all = { DRAIN_MS: String(drainMs), SHUTDOWN_TIMEOUT_MS: '8000', ...settings };
    const rig = await GatewayRig.start(all, other.services);
    rigs.push(rig);
    return rig;
  };
  const connected = async (at: GatewayRig, userId: string): Promise<PlainClient> => {
    const client = new PlainClient(at.url);
    clients.push(client);
    await client.connect(await at.services.token(userId));
    await client.until(({ event }) => event === 'ready');
    return client;
  };
  const closingOf = ({ got }: PlainClient) =>
    got.at(-1) as unknown as { event: string; body: { retryAfterMs: number } };

  it('sends an equal share away in each part of the time, each client with a moment of its own to come back', async () => {
    const rig = await start({ DRAIN_MS: '10000', SHUTDOWN_TIMEOUT_MS: '16000' });
    const users = range(1, count).map(() => randomUUID());
    const all = await Promise.all(users.map((user) => connected(rig, user)));
    const began = performance.now();
    const ends = all.map(({ closed }) => closed.then(() => performance.now() - began));
    await rig.close();
    const times = await Promise.all(ends);
    // By each tenth of the time about so many tenths of them, as far as a busy machine keeps to it.
    const gone = range(1, 9).map((tenth) => times.filter((ms) => ms < tenth * 1000).length);
    for (const [index, by] of gone.entries())
      expect(Math.abs(by - ((index + 1) * count) / 10)).toBeLessThanOrEqual(30);
    const hints = all.map((client) => closingOf(client).body.retryAfterMs);
    expect(closingOf(all[0] as PlainClient)).toMatchObject({
      ...{ event: 'closing', body: { code: 'shutdown', reconnect: true } },
    });
    expect(Math.max(...hints)).toBeLessThan(100);
    expect(new Set(hints).size).toBeGreaterThan(count / 4);
    expect(await all[0]?.closed).toEqual([1012, 'shutdown']);
  });

  it('goes on delivering to those who are there still, who come back elsewhere with nothing missing', async () => {
    const rig = await start();
    const users = range(1, count).map(() => randomUUID());
    const room = other.room(...users);
    const all = await Promise.all(users.map((user) => connected(rig, user)));
    const heardAt = all.map((client) => {
      const times: number[] = [];
      client.socket.on('message', () => {
        while (times.length < client.seqs(room.id).length) times.push(performance.now());
      });
      return times;
    });
    let over = false;
    const talk = (async () => {
      while (!over) {
        await room.say(1);
        await delay(20);
      }
    })();
    const ended = Promise.all(all.map(({ closed }) => closed.then(() => performance.now())));
    await rig.close().finally(() => (over = true));
    const ends = await ended;
    await talk;
    // A room's event goes to all of its connections at once: the last to go tells what each should have.
    const last = heardAt[ends.indexOf(Math.max(...ends))] ?? [];
    expect(last.length).toBeGreaterThan(5);
    for (const [index, client] of all.entries()) {
      const seqs = client.seqs(room.id);
      expect(seqs).toEqual(range(1, seqs.length));
      const due = last.filter((at) => at < (ends[index] ?? 0) - 500);
      expect(seqs.length).toBeGreaterThanOrEqual(due.length);
    }
    const back = await Promise.all(
      users.map(async (user, index) => {
        const client = new PlainClient(other.url);
        clients.push(client);
        const seen = all[index]?.seqs(room.id).length ?? 0;
        await client.connect(await other.services.token(user), { [room.id]: seen });
        await client.until(({ event }) => event === 'ready');
        return { client, seen };
      }),
    );
    for (const { client, seen } of back) {
      if (seen < room.head) await client.heard(room.id, room.head);
      expect(client.seqs(room.id)).toEqual(range(seen + 1, room.head));
    }
  });

  it('is not ready from the first moment on, counts down, and closes the connections of what it answers', async () => {
    const rig = await start({ DRAIN_MS: '8000', SHUTDOWN_TIMEOUT_MS: '14000' });
    const all = await Promise.all(range(1, 20).map(() => connected(rig, randomUUID())));
    expect(await rig.metric('gateway_draining')).toBe(0);
    const closed = rig.close();
    const ready = await fetch(`${rig.url}/health/ready`);
    expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'close']);
    const token = await rig.services.token(randomUUID());
    const proxied = await fetch(`${rig.url}/api/rooms`, { headers: { authorization: `Bearer ${token}` } });
    expect([proxied.status, proxied.headers.get('connection')]).toEqual([200, 'close']);
    expect(await rig.metric('gateway_draining')).toBe(1);
    await rig.metricUntil('gateway_connections', (value) => value > 0 && value < all.length);
    await closed;
  });

  it('does for those who are there still what it did before: pings, presence of others, the places of devices', async () => {
    const rig = await start({ DRAIN_MS: '8000', SHUTDOWN_TIMEOUT_MS: '12000', PING_INTERVAL_MS: '300' });
    // They were there first and go first.
    await Promise.all(range(1, 10).map(() => connected(rig, randomUUID())));
    const [ann, bob, dan, eve] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    other.services.circles.set(ann, { friends: [bob, dan], blockedBy: [] });
    for (const friend of [bob, dan]) other.services.circles.set(friend, { friends: [ann], blockedBy: [] });
    const room = rig.room(eve);
    const kept = { clientId: 'lamp', clean: false, properties: { sessionExpiryInterval: 3600 } };
    const lamp = await Device.of(rig, eve, kept);
    await lamp.subscribe(`rooms/${room.id}/events`);
    await connected(other, dan);
    const watcher = await connected(rig, ann);
    // Whom she watches is known: whatever comes from now on is a change, told by itself.
    await watcher.until((frame) => JSON.stringify(frame).includes(dan));
    const stream = await EventStream.open(`${rig.url}/api/stream`, {
      authorization: `Bearer ${await rig.services.token(ann)}`,
    });
    await stream.until(({ event }) => event === 'ready');
    let pings = 0;
    const closed = rig.close();
    watcher.socket.on('ping', () => pings++);
    await connected(other, bob);
    await watcher.until((frame) => frame['event'] === 'presence' && JSON.stringify(frame).includes(bob));
    await room.say(1);
    await until(
      () => 'the place of the device is saved while it is there',
      () => other.services.devices.kept.get(`${eve}/lamp`)?.cursors.get(room.id) === 1,
    );
    expect(lamp.ended).toBe(false);
    await stream.untilText(':\n\n:\n\n:\n\n');
    await until(
      () => `${pings} pings`,
      () => pings > 2,
    );
    expect(watcher.got.at(-1)?.['event']).not.toBe('closing');
    await closed;
  });

  it('lets in who comes while it sends others away, and serves him until his turn comes', async () => {
    const rig = await start({ DRAIN_MS: '8000', SHUTDOWN_TIMEOUT_MS: '14000' });
    const writer = await new Writer(other).start();
    const first = await connected(rig, randomUUID());
    const closed = rig.close();
    const ann = randomUUID();
    const room = other.room(ann);
    const late = await connected(rig, ann);
    await room.say(1);
    await late.heard(room.id, 1);
    expect(await late.ask('joinRoom', { roomId: room.id })).toMatchObject({ ok: true });
    expect(await late.ask('typing', { roomId: room.id })).toMatchObject({ ok: true });
    await late.until(({ event }) => event === 'typing');
    await closed;
    for (const client of [first, late]) expect(await client.closed).toEqual([1012, 'shutdown']);
    await writer.stop();
  });

  it('is there for who may still be sent to it as long as it said, also when nobody is there', async () => {
    const rig = await start({ DRAIN_MS: '6000', SHUTDOWN_TIMEOUT_MS: '12000' });
    const began = performance.now();
    const closed = rig.close();
    await delay(700);
    expect((await fetch(`${rig.url}/health/ready`)).status).toBe(503);
    const late = await connected(rig, randomUUID());
    expect(await late.closed).toEqual([1012, 'shutdown']);
    await closed;
    expect(performance.now() - began).toBeGreaterThan(6000);
  });

  it('waits with a client for its answer when the slices are over, and takes nothing more of it', async () => {
    const rig = await start({ DRAIN_MS: '300' });
    const writer = await new Writer(other).start();
    let answer = (): void => undefined;
    writer.answer = () => new Promise((resolve) => (answer = () => resolve({ ok: true, seq: 1 })));
    const one = await connected(rig, randomUUID());
    const said = one.ask('sendMessage', { roomId: randomUUID(), text: 'hi' });
    await writer.until(1);
    const closed = rig.close();
    await until(
      () => 'the slices are over',
      () => rig.app.get(Drain).ending,
    );
    expect(await one.ask('sendMessage', { roomId: randomUUID(), text: 'too late' })).toMatchObject({
      ...{ ok: false, error: { code: 'unavailable', retryable: true } },
    });
    answer();
    expect(await said).toMatchObject({ ok: true, seq: 1 });
    expect(await one.closed).toEqual([1012, 'shutdown']);
    await closed;
    await writer.stop();
  });

  it('ends at its time whoever has no answer, which he gets by asking again', async () => {
    const rig = await start({ DRAIN_MS: '300', SHUTDOWN_TIMEOUT_MS: '8300' });
    const writer = await new Writer(other).start();
    writer.answer = () => undefined;
    const one = await connected(rig, randomUUID());
    void one.ask('sendMessage', { roomId: randomUUID(), text: 'hi' }).catch(() => undefined);
    await writer.until(1);
    const began = performance.now();
    const closed = rig.close();
    expect(await one.closed).toEqual([1012, 'shutdown']);
    // The slices, and half of what is left after them.
    const tookMs = performance.now() - began;
    expect(tookMs).toBeGreaterThan(4250);
    expect(tookMs).toBeLessThan(7800);
    await closed;
    await writer.stop();
  });

  it('leaves a device its session, which goes on elsewhere', async () => {
    const rig = await start({ DRAIN_MS: '500' });
    const ann = randomUUID();
    const room = rig.room(ann);
    const kept = { clientId: 'lamp', clean: false, properties: { sessionExpiryInterval: 3600 } };
    const lamp = await Device.of(rig, ann, kept);
    await lamp.subscribe(`rooms/${room.id}/events`);
    await room.say(3);
    await lamp.until(() => lamp.seqs(room.id).length === 3);
    await rig.close();
    await lamp.until(() => lamp.ended);
    expect(lamp.farewell).toMatchObject({
      reasonCode: 0x8b,
      properties: { userProperties: { code: 'shutdown', retryAfterMs: expect.any(String) as string } },
    });
    room.storeMessages(2);
    const again = await Device.of(other, ann, kept);
    expect(again.sessionPresent).toBe(true);
    await again.until(() => again.seqs(room.id).at(-1) === 5);
    // It had acknowledged all, and that was saved at its end.
    expect(again.seqs(room.id)).toEqual([4, 5]);
    again.client.end(true);
  });

  it('is there for the others as long as it has clients: none of them is offline for his friends', async () => {
    const rig = await start({
      DRAIN_MS: String(gatewayGoneMs + 6000),
      SHUTDOWN_TIMEOUT_MS: String(gatewayGoneMs + 10_000),
    });
    const [ann, ...friends] = range(0, 10).map(() => randomUUID());
    if (ann === undefined) throw new Error('nobody');
    other.services.circles.set(ann, { friends, blockedBy: [] });
    for (const friend of friends) other.services.circles.set(friend, { friends: [ann], blockedBy: [] });
    const watcher = await connected(other, ann);
    const all = await Promise.all(friends.map((friend) => connected(rig, friend)));
    const told = (userId: string) =>
      watcher.got.flatMap(({ event, body }) => {
        if (event !== 'presence' && event !== 'presences') return [];
        const { items = [body] } = body as { items?: unknown[] };
        return (items as Told[]).flatMap((one) => (one.userId === userId ? [one.state] : []));
      });
    await until(
      () => 'all are online',
      () => friends.every((friend) => told(friend).length === 1),
    );
    const back = all.map(async ({ closed }, index) => {
      await closed;
      await connected(other, friends[index] ?? '');
    });
    await rig.close();
    await Promise.all(back);
    // Who has not come back is offline after 5 s.
    await delay(6000);
    for (const friend of friends) expect(told(friend)).toEqual(['online']);
  }, 60_000);
});
