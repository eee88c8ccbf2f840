import { randomUUID } from 'node:crypto';
import { gatewayAlive, topics, type UserPresence } from '@maru/contracts';
import { ConsumerService, type IncomingRecord } from '@maru/kafka-client';
import { GatewayRig } from '../testing/gateway-rig';

describe('presence', () => {
  let rig: GatewayRig;
  const told: IncomingRecord[] = [];
  beforeAll(async () => {
    rig = await GatewayRig.start();
    await rig.app.get(ConsumerService).subscribe({
      group: `presence-${randomUUID()}`,
      topics: [topics.presence],
      fromBeginning: true,
      worker: async (queue) => {
        for (;;) told.push(...(await queue.next(100)));
      },
    });
  }, 60_000);
  afterAll(() => rig.stop());

  const of = (userId: string): UserPresence[] =>
    told
      .filter(({ key }) => key?.startsWith(userId))
      .map(({ value }) => JSON.parse(value?.toString() ?? '') as UserPresence);
  const until = async (isSo: () => boolean): Promise<void> => {
    for (const end = Date.now() + 15_000; !isSo();) {
      if (Date.now() > end) throw new Error('not so');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('is told with the first connection that is ready and without the last', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const [one, two] = [await rig.connect(ann), await rig.connect(ann)];
    await Promise.all([one.ready(), two.ready()]);
    await until(() => of(ann).length > 0);
    one.close();
    await room.say(1);
    await two.until(() => two.seqs(room.id).length === 1);
    expect(of(ann)).toEqual([expect.objectContaining({ userId: ann, online: true })]);
    two.close();
    await until(() => of(ann).length === 2);
    const [came, went] = of(ann);
    expect(went).toMatchObject({ userId: ann, gatewayId: came?.gatewayId, online: false });
    const [record] = told.filter(({ key }) => key?.startsWith(ann));
    expect(record?.key).toBe(`${ann}/${came?.gatewayId}`);
  });

  it('is told in order, each coming and going, however short', async () => {
    const ann = randomUUID();
    for (let time = 0; time < 3; time++) {
      const client = await rig.connect(ann);
      await client.ready();
      client.close();
    }
    await until(() => of(ann).length === 6);
    expect(of(ann).map(({ online }) => online)).toEqual([true, false, true, false, true, false]);
  });

  it('tells every few seconds that the gateway is there, and at its end who has gone, with what he had been given', async () => {
    const ann = randomUUID();
    rig.services.positions = () => ({ offsets: [3, 5], rooms: [] });
    const second = await GatewayRig.start({}, rig.services);
    const client = await second.connect(ann);
    await client.ready();
    await until(() => of(ann).length === 1);
    const gatewayId = of(ann)[0]?.gatewayId ?? '';
    const alive = () => told.filter(({ key }) => key === gatewayId);
    await until(() => alive().length > 1);
    expect(
      alive().map(({ value }) => gatewayAlive.parse(JSON.parse(value?.toString() ?? '')).gatewayId),
    ).toEqual(alive().map(() => gatewayId));
    await second.close();
    await until(() => alive().at(-1)?.value === null);
    expect(of(ann).map(({ online, given }) => [online, given])).toEqual([
      [true, []],
      [false, [3, 5]],
    ]);
  });
});
