import { randomUUID } from 'node:crypto';
import { GatewayRig } from '../testing/gateway-rig';
import type { TestRoom } from '../testing/room';
import { TestRouter } from '../testing/router';
import { until } from '../testing/until';

describe('a gateway with DELIVERY=routed', () => {
  let rig: GatewayRig;
  let router: TestRouter;
  beforeAll(async () => {
    rig = await GatewayRig.start({ DELIVERY: 'routed' });
    router = await new TestRouter().start();
  });
  afterAll(async () => {
    await router.stop();
    await rig.stop();
  });

  const standingsAsked = (userId: string) => rig.services.asked('/standing', userId);

  /** A client that is `ready` in the room, both registered and answered. */
  async function inside(userId: string, room: TestRoom) {
    const client = await rig.connect(userId, { resume: { [room.id]: room.head } });
    const user = await router.registered(`user/${userId}`);
    await router.answer(user);
    await client.ready();
    const held = await router.registered(`room/${room.id}`);
    const asked = rig.services.asked('/events', room.id);
    await router.answer(held);
    await until(
      () => 'the room is not filled',
      () => rig.services.asked('/events', room.id) > asked,
    );
    return { client, user, held };
  }

  it('asks for a user’s rooms, and for where a room stands, only after a router has answered', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const client = await rig.connect(ann, { resume: { [room.id]: 0 } });
    const user = await router.registered(`user/${ann}`);
    room.storeMessages(2);
    expect(standingsAsked(ann)).toBe(0);
    await router.answer(user);
    expect(await client.ready()).toEqual({ [room.id]: { seq: 2, reset: false } });
    expect(standingsAsked(ann)).toBe(1);
    const held = await router.registered(`room/${room.id}`);
    const asked = rig.services.asked('/events', room.id);
    room.storeMessages(1); // before the answer: no router sends it
    await router.answer(held);
    await client.until(() => client.seqs(room.id).at(-1) === 3);
    expect(rig.services.asked('/events', room.id)).toBe(asked + 1);
    for (const event of room.storeMessages(2)) await router.deliver(event, held);
    await client.until(() => client.seqs(room.id).at(-1) === 5);
    expect(client.seqs(room.id)).toEqual([1, 2, 3, 4, 5]);
    expect(rig.services.asked('/events', room.id)).toBe(asked + 1);
  });

  it('takes no answer to another gateway, and none to less than it has told', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    let third = randomUUID();
    while ((await router.partitionOf(third)) !== (await router.partitionOf(first))) third = randomUUID();
    for (const userId of [first, second]) {
      await rig.connect(userId);
      await router.registered(`user/${userId}`);
    }
    const client = await rig.connect(third);
    const user = await router.registered(`user/${third}`);
    const earlier = await router.registered(`user/${first}`);
    expect(user.body.n).toBeGreaterThan(earlier.body.n);
    await router.answer(user, { gatewayId: randomUUID() });
    await router.answer(earlier);
    await router.answer(await router.registered(`user/${second}`));
    await until(
      () => 'what was sent to the slot before is not read',
      () => standingsAsked(first) === 1 && standingsAsked(second) === 1,
    );
    expect(standingsAsked(third)).toBe(0);
    await router.answer(user);
    await client.ready();
  });

  it('sends a client away as unavailable when no router answers within ten seconds', async () => {
    const ann = randomUUID();
    const client = await rig.connect(ann);
    await client.until(() => client.heard.length > 0, 20_000);
    expect(client.heard).toEqual([{ name: 'closing', body: { code: 'unavailable', reconnect: true } }]);
    expect(standingsAsked(ann)).toBe(0);
  });

  it('tells everything anew, under another id, when a router has dropped it, and fetches what it has missed', async () => {
    const ann = randomUUID();
    const [room, joined] = [rig.room(ann), rig.room()];
    const { client, user, held } = await inside(ann, room);
    const old = user.gatewayId;
    await router.drop(user);
    const [userAnew, heldAnew] = await Promise.all([
      router.registered(`user/${ann}`, old),
      router.registered(`room/${room.id}`, old),
    ]);
    expect(heldAnew.gatewayId).toBe(userAnew.gatewayId);
    room.storeMessages(2);
    joined.store({ type: 'memberJoined', userId: ann });
    const asked = rig.services.asked('/events', room.id);
    // Routers that have not heard of it may still answer what was told under the old id.
    await router.answer(held);
    await router.answer(user);
    await router.drop(user);
    await router.answer(heldAnew);
    await client.until(() => client.seqs(room.id).at(-1) === 2);
    expect(client.seqs(room.id)).toEqual([1, 2]);
    expect(rig.services.asked('/events', room.id)).toBe(asked + 1);
    expect(client.seqs(joined.id)).toEqual([]);
    await router.answer(userAnew);
    await client.until(() => client.seqs(joined.id).at(-1) === 1);
    expect(
      router.told.filter(({ what, gatewayId }) => what === `user/${ann}` && gatewayId !== old),
    ).toHaveLength(1);
  });

  it('says in every partition that it is there, and takes back what it holds no more, itself at last', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const { client, held } = await inside(ann, room);
    await router.deliver(room.store({ type: 'roomDeleted' }), held);
    await client.until(() => client.seqs(room.id).at(-1) === 1);
    const takenBack = (what: string) => router.told.filter((one) => one.what === what && one.takenBack);
    await until(
      () => 'the room is not taken back',
      () => takenBack(`room/${room.id}`).length === 1,
    );
    const itself = (isSo: boolean) => {
      const signs = router.told.filter(
        ({ what, gatewayId }) => what === 'gateway' && gatewayId === held.gatewayId,
      );
      return new Set(signs.filter((one) => one.takenBack === isSo).map(({ partition }) => partition)).size;
    };
    const partitions = await router.partitions();
    await until(
      () => 'it has not said that it is there',
      () => itself(false) === partitions,
    );
    expect(itself(true)).toBe(0);
    await rig.close();
    await until(
      () => 'it has not taken itself back',
      () => itself(true) === partitions,
    );
  });
});
