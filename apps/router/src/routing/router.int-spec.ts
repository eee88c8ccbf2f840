import { randomUUID } from 'node:crypto';
import {
  commandOffsetHeader,
  gatewayDroppedMs,
  gatewayHoldsMs,
  type Held,
  holderKey,
  registrationKey,
  type RoomEvent,
  routedPartitionHeader,
  routerKey,
  type Signal,
  topics,
} from '@maru/contracts';
import { cloudEventHeaders } from '@maru/kafka-client';
import { Logs, Router, until } from '../testing/router-rig';

const logs = new Logs();
const routers: Router[] = [];
const start = async () => {
  const router = await Router.start();
  routers.push(router);
  return router;
};
const stop = async (router: Router) => {
  routers.splice(routers.indexOf(router), 1);
  await router.stop();
};

beforeAll(async () => {
  await start();
  await logs.listen();
}, 60_000);
afterAll(async () => {
  for (const router of routers) await router.stop();
  await logs.stop();
}, 60_000);

/** A gateway as the log knows it. */
class Gateway {
  readonly id = randomUUID();
  private n = 0;

  constructor(readonly slot: number) {}

  async hold(held: Held, id: string): Promise<number> {
    const partition = await logs.producer.partitionFor(topics.gatewayRooms, id);
    const value = JSON.stringify({ gatewayId: this.id, slot: this.slot, n: ++this.n });
    await logs.producer.send({
      topic: topics.gatewayRooms,
      partition,
      key: registrationKey(held, id, this.id),
      value,
    });
    return this.n;
  }

  async holdAnswered(held: Held, id: string): Promise<void> {
    const n = await this.hold(held, id);
    await until(`${held} ${id} is answered`, () => this.answeredUpTo() >= n);
  }

  async letGo(held: Held, id: string): Promise<void> {
    const partition = await logs.producer.partitionFor(topics.gatewayRooms, id);
    await logs.producer.send({
      topic: topics.gatewayRooms,
      partition,
      key: registrationKey(held, id, this.id),
      value: null,
    });
  }

  async alive(): Promise<void> {
    const value = JSON.stringify({ gatewayId: this.id, slot: this.slot });
    for (
      let partition = 0;
      partition < (await logs.producer.partitionCount(topics.gatewayRooms));
      partition++
    )
      await logs.producer.send({ topic: topics.gatewayRooms, partition, key: holderKey(this.id), value });
  }

  answeredUpTo(): number {
    return Math.max(0, ...this.told('router.answered').map(({ n }) => Number(n)));
  }

  told(type: string): Record<string, unknown>[] {
    return logs.delivered
      .filter(({ partition, headers }) => partition === this.slot && headers['ce_type'] === type)
      .map(({ value }) => JSON.parse((value ?? '').toString()) as Record<string, unknown>)
      .filter(({ gatewayId }) => gatewayId === this.id);
  }
}

let offset = 0;
async function publish(
  roomId: string,
  seq: number,
  type: 'message' | 'memberJoined',
  userId: string = randomUUID(),
) {
  const head = { type, roomId, seq, messageNo: 0, createdAt: new Date().toISOString() };
  const body =
    type === 'message'
      ? { id: `m${seq}`, senderId: userId, text: 'hello', kind: 'text', metadata: {} }
      : { userId, byId: userId };
  const event = { ...head, ...body } as RoomEvent;
  const headers = cloudEventHeaders({ type, source: '/test', id: `${roomId}/${seq}` });
  await logs.producer.send({
    ...{ topic: topics.chatEvents, key: roomId, value: JSON.stringify(event) },
    headers: { ...headers, [commandOffsetHeader]: String(++offset) },
  });
}
/** The slots that got the room's event of this seq, as often as they did. */
const slotsOf = (roomId: string, seq: number): number[] =>
  logs.delivered
    .filter(
      ({ key, value }) => key === roomId && (JSON.parse((value ?? '').toString()) as RoomEvent).seq === seq,
    )
    .map(({ partition }) => partition)
    .sort((a, b) => a - b);

describe('the router', () => {
  it('sends an event to the slots whose gateways hold the room, and to no other', async () => {
    const [one, two, other] = [new Gateway(1), new Gateway(2), new Gateway(3)];
    const room = randomUUID();
    await one.holdAnswered('room', room);
    await two.holdAnswered('room', room);
    await other.holdAnswered('room', randomUUID());
    await publish(room, 1, 'message');
    await until('both have it', () => slotsOf(room, 1).length >= 2);
    await one.letGo('room', room);
    await two.holdAnswered('user', randomUUID());
    // Behind the letting go, in the same partition.
    await two.holdAnswered('room', room);
    await publish(room, 2, 'message');
    await until('the second has it', () => slotsOf(room, 2).length > 0);
    expect([slotsOf(room, 1), slotsOf(room, 2)]).toEqual([[1, 2], [2]]);
    const delivered = logs.delivered.find(({ key }) => key === room);
    expect(Number(delivered?.headers[routedPartitionHeader])).toBe(
      await logs.producer.partitionFor(topics.chatEvents, room),
    );
  });

  it('sends a signal to the slots whose gateways hold the room, and to no other', async () => {
    const [one, other, room] = [new Gateway(1), new Gateway(2), randomUUID()];
    await one.holdAnswered('room', room);
    await other.holdAnswered('room', randomUUID());
    const slots = () => logs.delivered.flatMap(({ key, partition }) => (key === room ? [partition] : []));
    const typing: Signal = { type: 'typing', roomId: room, userId: randomUUID() };
    const headers = cloudEventHeaders({ type: 'typing', source: '/test', id: randomUUID() });
    const signal = { topic: topics.chatSignals, key: room, value: JSON.stringify(typing), headers };
    await logs.producer.send(signal);
    await until('it has come', () => slots().length > 0);
    // What comes after it, to both, is no later than a copy of it would be.
    await other.holdAnswered('room', room);
    await publish(room, 1, 'message');
    await until('both have the event', () => slotsOf(room, 1).length === 2);
    expect(slots().filter((slot) => slot === other.slot)).toHaveLength(1);
  });

  it('sends who joins a room to where he is connected, though nobody there holds the room', async () => {
    const [gateway, room, user] = [new Gateway(4), randomUUID(), randomUUID()];
    await gateway.holdAnswered('user', user);
    await publish(room, 1, 'memberJoined', randomUUID());
    await publish(room, 2, 'memberJoined', user);
    await until('it has come', () => slotsOf(room, 2).length > 0);
    expect([slotsOf(room, 1), slotsOf(room, 2)]).toEqual([[], [4]]);
  });

  it('answers what another has left unanswered, and loses nothing while partitions move', async () => {
    const [gateway, rooms] = [new Gateway(5), Array.from({ length: 6 }, () => randomUUID())];
    for (const room of rooms) await gateway.holdAnswered('room', room);
    const published = (async () => {
      for (let seq = 1; seq <= 40; seq++)
        await Promise.all(rooms.map((room) => publish(room, seq, 'message')));
    })();
    const second = await start();
    await stop(routers[0] as Router);
    const third = await start();
    await published;
    const late = randomUUID();
    await gateway.holdAnswered('room', late);
    await publish(late, 1, 'message');
    await until(
      'all has come',
      () => slotsOf(late, 1).length > 0 && rooms.every((room) => slotsOf(room, 40).length > 0),
    );
    for (const room of rooms) {
      const seqs = logs.delivered.flatMap(({ key, value }) =>
        key === room ? [(JSON.parse((value ?? '').toString()) as RoomEvent).seq] : [],
      );
      // What comes again is dropped by its seq; what is new comes in order.
      let last = 0;
      for (const seq of seqs) {
        expect(seq).toBeLessThanOrEqual(last + 1);
        last = Math.max(last, seq);
      }
      expect(last).toBe(40);
    }
    await until(
      'both share the partitions',
      async () =>
        (await second.metric('router_partitions')) + (await third.metric('router_partitions')) === 12,
    );
    expect(await second.metric('router_partitions')).toBeGreaterThan(0);
  }, 90_000);

  it('gives a partition up when another claims it, and claims it again since it is assigned to it', async () => {
    const [gateway, room] = [new Gateway(6), randomUUID()];
    await gateway.holdAnswered('room', room);
    const partition = await logs.producer.partitionFor(topics.gatewayRooms, room);
    const value = JSON.stringify({ claimId: randomUUID() });
    await logs.producer.send({ topic: topics.gatewayRooms, partition, key: routerKey, value });
    const before = gateway.told('router.answered').length;
    await until('it was claimed anew', () => gateway.told('router.answered').length > before);
    await publish(room, 1, 'message');
    await until('it has come', () => slotsOf(room, 1).length > 0);
    expect(slotsOf(room, 1)).toEqual([6]);
  });

  it('passes over what is none of ours', async () => {
    const [gateway, room] = [new Gateway(7), randomUUID()];
    const partition = await logs.producer.partitionFor(topics.gatewayRooms, room);
    for (const [key, value] of [
      ['room/x', '{'],
      [`room/${room}/${gateway.id}`, '{"gatewayId":1}'],
      [routerKey, '{}'],
      [holderKey(gateway.id), JSON.stringify({ gatewayId: gateway.id, slot: 1e9 })],
    ] as const)
      await logs.producer.send({ topic: topics.gatewayRooms, partition, key, value });
    const headers = cloudEventHeaders({ type: 'memberJoined', source: '/test', id: 'x' });
    await logs.producer.send({ topic: topics.chatEvents, key: room, value: '{"type":', headers });
    await gateway.holdAnswered('room', room);
    await publish(room, 1, 'message');
    await until('it has come', () => slotsOf(room, 1).length > 0);
  });

  it('drops a gateway that is silent, tells it so first, and takes it off the log', async () => {
    const [silent, loud, room] = [new Gateway(8), new Gateway(9), randomUUID()];
    await silent.holdAnswered('room', room);
    await loud.holdAnswered('room', room);
    const heart = setInterval(() => void loud.alive().catch(() => undefined), gatewayHoldsMs);
    await until('it is dropped', () => silent.told('router.dropped').length > 0, gatewayDroppedMs + 15_000);
    await until('nothing goes there any more', async () => {
      const seq = (offset += 1);
      await publish(room, seq, 'message');
      await until('the other has it', () => slotsOf(room, seq).includes(9));
      return !slotsOf(room, seq).includes(8);
    });
    clearInterval(heart);
    expect(loud.told('router.dropped')).toEqual([]);
    const keyOf = ({ id }: Gateway) => registrationKey('room', room, id);
    await until('it is off the log', () => !logs.kept.has(keyOf(silent)));
    expect(logs.kept.has(keyOf(loud))).toBe(true);
  }, 60_000);
});
