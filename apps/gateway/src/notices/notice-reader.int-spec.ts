import { randomUUID } from 'node:crypto';
import { topics } from '@maru/contracts';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import type { TestClient } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('what happens between users', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  const put = (type: string, key: string, value: string) =>
    rig.app.get(ProducerService).send({
      topic: topics.usersEvents,
      key,
      value,
      headers: cloudEventHeaders({ type, source: '/test', id: randomUUID() }),
    });
  let version = 0;
  const happens = async (type: string, userId: string, other: object) => {
    const at = new Date().toISOString();
    await put(type, userId, JSON.stringify({ userId, ...other, version: ++version, at }));
    return { userId, ...other, at };
  };
  const notices = (client: TestClient) =>
    client.heard.filter(({ name }) => name.startsWith('friend')).map(({ name, body }) => [name, body]);
  const connected = async (userId: string): Promise<TestClient> => {
    const client = await rig.connect(userId);
    await client.ready();
    return client;
  };

  it('reaches every connection of the two, and nobody else', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const clients = await Promise.all([connected(ann), connected(ann), connected(bob)]);
    const stranger = await connected(randomUUID());
    const asked = await happens('friend.requested', ann, { friendId: bob });
    for (const client of clients) await client.until(() => notices(client).length === 1);
    const accepted = await happens('friend.accepted', bob, { friendId: ann });
    for (const client of clients) {
      await client.until(() => notices(client).length === 2);
      expect(notices(client)).toEqual([
        ['friendRequested', asked],
        ['friendAccepted', accepted],
      ]);
    }
    expect(notices(stranger)).toEqual([]);
  });

  it('tells a refusal to who had asked alone, and of a block nobody', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const [one, two] = [await connected(ann), await connected(bob)];
    await happens('user.blocked', ann, { blockedId: bob });
    await happens('user.unblocked', ann, { blockedId: bob });
    const declined = await happens('friend.declined', ann, { friendId: bob });
    const removed = await happens('friend.removed', ann, { friendId: bob });
    await one.until(() => notices(one).length === 1);
    await two.until(() => notices(two).length === 2);
    expect(notices(one)).toEqual([['friendRemoved', removed]]);
    expect(notices(two)).toEqual([
      ['friendDeclined', declined],
      ['friendRemoved', removed],
    ]);
  });

  it('waits for nothing that cannot be read', async () => {
    const ann = randomUUID();
    const client = await connected(ann);
    for (const value of ['', '{', '{}', 'null']) await put('friend.requested', ann, value);
    await happens('friend.requested', ann, { friendId: randomUUID() });
    await client.until(() => notices(client).length === 1);
  });

  it('does not come before ready', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const there = await connected(bob);
    let go = (): void => undefined;
    rig.services.hold = new Promise<void>((resolve) => (go = resolve));
    const opening = await rig.connect(ann);
    await opening.until(() => rig.services.asked('/internal/standing', ann) > 0);
    await happens('friend.requested', ann, { friendId: bob });
    await there.until(() => notices(there).length === 1);
    go();
    await opening.ready();
    const accepted = await happens('friend.accepted', bob, { friendId: ann });
    await opening.until(() => notices(opening).length > 0);
    expect(notices(opening)).toEqual([['friendAccepted', accepted]]);
  });
});
