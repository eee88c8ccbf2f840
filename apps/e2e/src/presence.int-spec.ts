import type { Friend, PresenceNotice, RoomPresence } from '@maru/contracts';
import { ChatClient } from './support/chat-client';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import { eachOf, newUsers, type TestUser } from './support/user';

const crowdSize = 100;

describe('presence', () => {
  let maru: Maru;
  const clients: ChatClient[] = [];
  beforeAll(async () => {
    maru = await startMaru({ gateways: 2 });
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) client.drop();
    await maru.stop();
  });

  const client = (user: TestUser, ...gateways: number[]): ChatClient => {
    const urls = gateways.map((gateway) => maru.urls[gateway] ?? '');
    const one = new ChatClient(user, { urls, door: 'ws' });
    clients.push(one);
    return one;
  };
  const notices = ({ record }: ChatClient) =>
    record.signals.filter(({ name }) => name === 'presence').map(({ body }) => body as PresenceNotice);
  const of = (one: ChatClient, { id }: TestUser) =>
    notices(one).flatMap(({ userId, state }) => (userId === id ? [state] : []));
  const friendOf = async ({ token }: TestUser, { id }: TestUser) => {
    const { items } = await maru.rest().get<{ items: Friend[] }>('GET', '/users/me/friends', token);
    return items.find(({ userId }) => userId === id);
  };
  const befriend = async (one: TestUser, other: TestUser): Promise<void> => {
    await maru.rest().get('POST', '/users/me/friends', one.token, { userIds: [other.id] });
    await maru.rest().get('POST', '/users/me/friends', other.token, { userIds: [one.id] });
  };
  const presenceOf = (room: string, { token }: TestUser) =>
    maru.rest().get<RoomPresence>('GET', `/rooms/${room}/presence`, token);

  it('is offline for friends within 15 s when a gateway was killed, and online when he is back', async () => {
    const [ann, bob, cyd] = (await newUsers(maru.rest(), ['Ann', 'Bob', 'Cyd'])) as [
      ...[TestUser, TestUser, TestUser],
    ];
    const anns = await client(ann, 0).connect();
    const stranger = await client(cyd, 0).connect();
    await befriend(ann, bob);
    expect(await friendOf(ann, bob)).toMatchObject({ state: 'friends', presence: 'offline' });
    const bobs = await client(bob, 1).connect();
    await until('bob is online for ann', () => of(anns, bob).at(-1) === 'online');
    await until('he is in her list', async () => (await friendOf(ann, bob))?.presence === 'online');
    await maru.rest().get('PATCH', '/users/me', bob.token, { statusMessage: 'at tea' });
    const updated = () => anns.record.signals.find(({ name }) => name === 'friendUpdated');
    await until('she is told of his status message', () => updated() !== undefined);
    expect(updated()?.body).toMatchObject({ userId: bob.id, name: 'Bob', statusMessage: 'at tea' });

    maru.processes.get('gateway-2')?.kill('SIGKILL');
    bobs.drop();
    const killedAt = Date.now();
    await until('bob is offline for ann', () => of(anns, bob).at(-1) === 'offline', 30_000);
    // 10 s of silence, and as long again where the brokers were slow to answer.
    expect(Date.now() - killedAt).toBeLessThan(25_000);
    await until('and in her list', async () => (await friendOf(ann, bob))?.presence === 'offline', 20_000);
    const lastSeen = Date.parse((await friendOf(ann, bob))?.lastSeen ?? '');
    expect(Math.abs(lastSeen - killedAt)).toBeLessThan(8000);

    await maru.ready();
    await client(bob, 1, 0).connect();
    await until('bob is back for ann', () => of(anns, bob).at(-1) === 'online');
    await until('the other gateway knows that ann, cyd and bob are there', async () =>
      /^gateway_presence_users 3$/m.test(await (await fetch(`${maru.urls[1]}/metrics`)).text()),
    );
    const seen = await client(ann, 1, 0).connect();
    await until('who comes is told', () => seen.record.signals.some(({ name }) => name === 'presences'));
    const told = seen.record.signals.find(({ name }) => name === 'presences')?.body;
    expect(told).toEqual({ items: [{ userId: bob.id, state: 'online' }] });

    await maru.rest().get('POST', '/users/me/blocks', bob.token, { userId: ann.id });
    await until('who was blocked sees him offline', () => of(anns, bob).at(-1) === 'offline');
    expect(await friendOf(ann, bob)).toBeUndefined();
    expect(notices(stranger)).toEqual([]);
  }, 120_000);

  it('does not change for a crowd that drops and returns at once; in a room of more than 200 there are counts', async () => {
    const names = Array.from({ length: crowdSize + 101 }, (_, index) => `User ${index}`);
    const users = await newUsers(maru.rest(), names);
    const [owner] = users as [TestUser];
    const memberIds = users.map(({ id }) => id).slice(1);
    const made = (name: string, ids: string[]) =>
      maru.rest().createRoom(owner.token, { name, visibility: 'private', memberIds: ids });
    const { id: small } = await made('Small', memberIds.slice(0, crowdSize - 1));
    const { id: large } = await made('Large', memberIds.slice(0, 100));
    await eachOf(memberIds.slice(100), 20, (id) => maru.rest().add(owner.token, large, id));
    expect(await presenceOf(large, owner)).toEqual({ members: 201, online: 0, away: 0 });

    const stays = await client(owner, 0).connect();
    const crowd = users.slice(1, crowdSize);
    const thrice = crowd.flatMap((user) => [user, user, user]);
    const open = await eachOf(thrice, 30, (user) => client(user, 1, 0).connect(60_000));
    await until('all are online for who stays', () => notices(stays).length === crowd.length, 30_000);
    await until('they are in the list', async () => (await presenceOf(small, owner)).online === 100);
    const { items, ...counts } = await presenceOf(small, owner);
    expect([items?.length, counts]).toEqual([100, { members: 100, online: 100, away: 0 }]);
    expect(await presenceOf(large, owner)).toEqual({ members: 201, online: 100, away: 0 });

    const times = ({ record }: ChatClient) => record.signals.filter(({ name }) => name === 'ready').length;
    // In the large room alone: he is told of nobody.
    const outsider = await client(users.at(-1) as TestUser, 0).connect();
    const [gone] = crowd as [TestUser];
    // The owner had just come, so that some of the crowd were told of it.
    const ofOwner = () => open.slice(3).flatMap((one) => of(one, owner));
    const before = ofOwner();
    maru.processes.get('gateway-2')?.kill('SIGKILL');
    for (const one of open.slice(0, 3)) one.drop();
    await until('the others are back', () => open.slice(3).every((one) => times(one) === 2), 60_000);
    // That he is offline is told when the gateway is taken for gone, with all who were there.
    await until('one is offline', () => of(stays, gone).at(-1) === 'offline', 20_000);
    expect(notices(stays)).toHaveLength(crowd.length + 1);
    expect(ofOwner()).toEqual(before);
    expect(notices(outsider)).toEqual([]);
  }, 240_000);
});
