import { randomUUID } from 'node:crypto';
import { type GatewayAlive, presenceKey, topics, type UserPresence } from '@maru/contracts';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import type { TestClient } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('presence is told', () => {
  let rig: GatewayRig;
  let other: GatewayRig;
  beforeAll(async () => {
    rig = await GatewayRig.start();
    other = await GatewayRig.start({}, rig.services);
  }, 60_000);
  afterAll(async () => {
    await other.stop();
    await rig.stop();
  });

  const people = <N extends number>(count: N) => Array.from({ length: count }, () => randomUUID());
  const befriend = (...userIds: string[]): void => {
    for (const userId of userIds) {
      const { friends = [], blockedBy = [] } = rig.services.circles.get(userId) ?? {};
      const others = userIds.filter((id) => id !== userId);
      rig.services.circles.set(userId, { friends: [...friends, ...others], blockedBy });
    }
  };
  const connected = async (userId: string, at = rig): Promise<TestClient> => {
    const client = await at.connect(userId);
    await client.until(() => client.heard.some(({ name }) => name === 'ready'), 30_000);
    return client;
  };
  const send = async (type: string, place: string, key: string, body: object | null, topic: string) => {
    const producer = rig.app.get(ProducerService);
    await producer.send({
      topic,
      partition: await producer.partitionFor(topic, place),
      key,
      value: body && JSON.stringify(body),
      headers: cloudEventHeaders({ type, source: '/test', id: randomUUID() }),
    });
  };
  let version = 0;
  const happens = (type: string, userId: string, body: object) => {
    const event = { userId, ...body, version: ++version, at: new Date().toISOString() };
    return send(type, userId, userId, event, topics.usersEvents);
  };
  /** What was told of a user, in order; who came before the first list was made is in that. */
  const of = (client: TestClient, userId: string) =>
    client.heard.flatMap(({ name, body }) => {
      const told =
        name === 'presence' ? [body] : name === 'presences' ? (body['items'] as (typeof body)[]) : [];
      return told.flatMap((one) => (one['userId'] === userId ? [one['state']] : []));
    });
  const presences = (client: TestClient) =>
    client.heard.filter(({ name }) => name === 'presences').map(({ body }) => body['items']);
  const hears = (client: TestClient, userId: string, ...states: string[]) =>
    client.until(() => JSON.stringify(of(client, userId)) === JSON.stringify(states), 20_000);

  it('to friends at any gateway: the best of all connections, each change once', async () => {
    const [ann = '', bob = '', eve = ''] = people(3);
    befriend(ann, bob);
    const [friend, stranger] = [await connected(bob, other), await connected(eve, other)];
    const one = await connected(ann);
    await hears(friend, ann, 'online');
    expect(await one.ask('presence', { state: 'away' })).toEqual({ ok: true });
    await hears(friend, ann, 'online', 'away');
    const two = await connected(ann, other);
    await hears(friend, ann, 'online', 'away', 'online');
    await two.ask('presence', { state: 'away' });
    await hears(friend, ann, 'online', 'away', 'online', 'away');
    await one.ask('presence', { state: 'online' });
    await hears(friend, ann, 'online', 'away', 'online', 'away', 'online');
    expect(await one.ask('presence', { state: 'offline' })).toMatchObject({ ok: false });
    const before = Date.now();
    two.close();
    one.close();
    await friend.until(() => of(friend, ann).at(-1) === 'offline', 20_000);
    expect(Date.now() - before).toBeGreaterThan(4000);
    const last = friend.heard.at(-1)?.body;
    expect(Math.abs(Date.parse(String(last?.['lastSeen'])) - before)).toBeLessThan(3000);
    expect(of(stranger, ann)).toEqual([]);
  });

  it('as it is, to one who comes: of his friends who are there, once after ready', async () => {
    const [ann = '', bob = '', cyd = '', dan = '', eve = ''] = people(5);
    befriend(ann, bob);
    befriend(ann, cyd);
    befriend(ann, dan);
    const watching = await connected(cyd);
    await connected(bob, other);
    const [away] = [await connected(dan), await connected(eve)];
    await away.ask('presence', { state: 'away' });
    // Of ann's friends bob is told to nobody here; by when dan is, bob is known as well.
    const third = await GatewayRig.start({}, rig.services);
    const client = await connected(ann, third);
    await client.until(() => presences(client).length > 0);
    const items = presences(client)[0] as { userId: string; state: string }[];
    expect(new Map(items.map(({ userId, state }) => [userId, state]))).toEqual(
      new Map([
        [bob, 'online'],
        [cyd, 'online'],
        [dan, 'away'],
      ]),
    );
    const names = client.heard.map(({ name }) => name);
    expect(names.indexOf('presences')).toBeGreaterThan(names.indexOf('ready'));
    await hears(watching, ann, 'online');
    await third.close();
  });

  it('to members of rooms of at most 200, as long as they are, and to nobody else', async () => {
    const [ann = '', bob = '', cyd = '', dan = ''] = people(4);
    const small = rig.room(ann, bob, dan);
    rig.room(ann, cyd, ...people(199));
    const [member, lost] = [await connected(bob), await connected(cyd)];
    const [left, one] = [await connected(dan, other), await connected(ann, other)];
    await hears(member, ann, 'online');
    await hears(left, ann, 'online');
    await small.add({ type: 'memberLeft', userId: dan });
    await left.until(() => left.heard.some(({ name }) => name === 'memberLeft'));
    // Both gateways have asked for its members twice.
    await left.until(() => rig.services.asked('/internal/members', small.id) > 3);
    await one.ask('presence', { state: 'away' });
    await hears(member, ann, 'online', 'away');
    expect([of(left, ann), of(lost, ann)]).toEqual([['online'], []]);
    const joins = rig.room(ann);
    await joins.add({ type: 'memberJoined', userId: cyd });
    for (let turn = 0; of(lost, ann).length === 0; turn++) {
      await one.ask('presence', { state: turn % 2 === 0 ? 'online' : 'away' });
      const heard = of(member, ann).length;
      await member.until(() => of(member, ann).length > heard);
      expect(turn).toBeLessThan(10);
    }
    expect(of(left, ann)).toEqual(['online']);
  });

  it('to new friends at once, and no more to one who was blocked', async () => {
    const [ann = '', bob = ''] = people(2);
    rig.room(ann, bob);
    const [one, two] = [await connected(ann), await connected(bob, other)];
    await hears(one, bob, 'online');
    await two.until(() => of(two, ann).at(-1) === 'online');
    befriend(ann, bob);
    await happens('friend.accepted', ann, { friendId: bob });
    rig.services.circles.set(bob, { friends: [], blockedBy: [ann] });
    rig.services.circles.set(ann, { friends: [], blockedBy: [] });
    await happens('user.blocked', ann, { blockedId: bob });
    await two.until(() => of(two, ann).at(-1) === 'offline');
    await one.ask('presence', { state: 'away' });
    await two.ask('presence', { state: 'away' });
    await one.until(() => of(one, bob).at(-1) === 'away');
    expect(of(two, ann).at(-1)).toBe('offline');
  });

  it('of a friendship that begins, to both', async () => {
    const [ann = '', bob = ''] = people(2);
    const [one, two] = [await connected(ann), await connected(bob, other)];
    const [watch] = [await connected(randomUUID())];
    befriend(ann, bob);
    await happens('friend.accepted', ann, { friendId: bob });
    await hears(one, bob, 'online');
    await hears(two, ann, 'online');
    expect(of(watch, ann)).toEqual([]);
  });

  it('not for one who comes back within seconds, however many do at once', async () => {
    const all = people(12);
    const room = rig.room(...all);
    const watcher = all[0] ?? '';
    const watching = await connected(watcher);
    await watching.until(() => rig.services.asked('/internal/members', room.id) > 0);
    let clients = await Promise.all(all.slice(1).map((userId) => connected(userId, other)));
    const heardOf = () => watching.heard.filter(({ name }) => name === 'presence').length;
    await watching.until(() => heardOf() === 11, 20_000);
    for (let turn = 0; turn < 2; turn++) {
      for (const client of clients) client.close();
      clients = await Promise.all(all.slice(1).map((userId) => connected(userId, turn ? other : rig)));
    }
    const [late = ''] = people(1);
    await room.add({ type: 'memberJoined', userId: late });
    clients[0]?.close();
    await watching.until(() => heardOf() === 12, 20_000);
    expect(of(watching, all[1] ?? '')).toEqual(['online', 'offline']);
  });

  it('of who came and went before it was told, or was otherwise for less: who asked meanwhile knows no better', async () => {
    const [ann = '', bob = ''] = people(2);
    befriend(ann, bob);
    const friend = await connected(bob, other);
    await friend.until(() => rig.services.asked('/internal/circles', bob) > 0);
    (await connected(ann)).close();
    await friend.until(() => of(friend, ann).at(-1) === 'offline', 20_000);

    const one = await connected(ann);
    await friend.until(() => of(friend, ann).at(-1) === 'online', 20_000);
    const before = of(friend, ann).length;
    for (const state of ['away', 'online']) await one.ask('presence', { state });
    await friend.until(() => of(friend, ann).length > before && of(friend, ann).at(-1) === 'online');

    const then = of(friend, ann).length;
    one.close();
    await new Promise((resolve) => setTimeout(resolve, 4500));
    await connected(ann);
    await friend.until(() => of(friend, ann).length > then && of(friend, ann).at(-1) === 'online', 20_000);
  });

  it('offline when a gateway that was killed has been silent for 10 s', async () => {
    const [ann = '', bob = '', gatewayId = ''] = people(3);
    befriend(ann, bob);
    const friend = await connected(bob);
    const at = new Date().toISOString();
    const gateway: GatewayAlive = { gatewayId, given: [], at };
    const user: UserPresence = { userId: ann, gatewayId, online: true, given: [], at };
    await send('gateway.alive', gatewayId, gatewayId, gateway, topics.presence);
    const killedAt = Date.now();
    await send('user.online', ann, presenceKey(user), user, topics.presence);
    await hears(friend, ann, 'online');
    await hears(friend, ann, 'online', 'offline');
    expect(Date.now() - killedAt).toBeGreaterThan(9000);
    expect(friend.heard.at(-1)?.body['lastSeen']).toBe(at);
    await send('gateway.alive', gatewayId, gatewayId, gateway, topics.presence);
    await hears(friend, ann, 'online', 'offline', 'online');
  });

  it('to no more users than there is memory for', async () => {
    const [ann = '', bob = '', cyd = '', dan = ''] = people(4);
    befriend(ann, bob);
    befriend(cyd, dan);
    const small = await GatewayRig.start({ PRESENCE_MAX_PAIRS: '1' }, rig.services);
    const friend = await connected(bob, small);
    await small.metricUntil('gateway_presence_pairs', (pairs) => pairs === 1);
    const late = await connected(dan, small);
    await friend.until(() => rig.services.asked('/internal/circles', dan) > 0);
    await Promise.all([connected(cyd), connected(ann)]);
    await hears(friend, ann, 'online');
    expect(of(late, cyd)).toEqual([]);
    await friend.until(() => rig.services.asked('/internal/circles', dan) > 0);
    expect(await small.metric('gateway_presence_pairs')).toBe(1);
    friend.close();
    await small.metricUntil('gateway_presence_pairs', (pairs) => pairs === 0);
    await small.close();
  });

  it('with a new name or status message, to friends', async () => {
    const [ann = '', bob = ''] = people(2);
    befriend(ann, bob);
    const [one, two, stranger] = [await connected(ann), await connected(bob), await connected(randomUUID())];
    const updated = { name: 'Ann', statusMessage: 'at tea' };
    await two.until(() => rig.services.asked('/internal/circles', bob) > 0);
    await two.until(() => of(two, ann).length + presences(two).length > 0);
    await happens('user.updated', ann, updated);
    const told = () => two.heard.find(({ name }) => name === 'friendUpdated');
    await two.until(() => told() !== undefined);
    expect(told()?.body).toMatchObject({ userId: ann, ...updated });
    for (const client of [one, stranger])
      expect(client.heard.some(({ name }) => name === 'friendUpdated')).toBe(false);
  });
});
