import { holderKey, registrationKey } from '@maru/contracts';
import fc from 'fast-check';
import { Shard } from './shard';

const slots = 8;
const gateways = ['a', 'b', 'c'].map((letter, slot) => ({
  id: `0000000${slot}-0000-4000-8000-00000000000${letter}`,
  slot,
}));
const rooms = ['r1', 'r2', 'r3'];

type Step = { gateway: number; room: number; what: 'hold' | 'letGo' | 'end' };
const step = fc.record<Step>({
  gateway: fc.nat(gateways.length - 1),
  room: fc.nat(rooms.length - 1),
  what: fc.constantFrom('hold', 'hold', 'letGo', 'end'),
});

const value = (body: unknown) => Buffer.from(JSON.stringify(body));
const gatewayOf = ({ gateway }: Step) => gateways[gateway] ?? { id: '', slot: 0 };

/** The records of these steps; each gateway that has ended comes back under the same id, as none does. */
function recordsOf(steps: readonly Step[]): { key: string; value: Buffer | null }[] {
  let n = 0;
  return steps.map((one) => {
    const { id: gatewayId, slot } = gatewayOf(one);
    if (one.what === 'end') return { key: holderKey(gatewayId), value: null };
    const key = registrationKey('room', rooms[one.room] ?? '', gatewayId);
    return { key, value: one.what === 'hold' ? value({ gatewayId, slot, n: ++n }) : null };
  });
}

/** As the router that owns the partition takes them. */
function taken(records: ReturnType<typeof recordsOf>): Shard {
  const shard = new Shard(slots);
  for (const record of records) {
    const told = shard.take({ ...record, timestamp: 0 });
    if (told?.what === 'ended') shard.drop(told.by.id);
  }
  return shard;
}
const pictureOf = (shard: Shard) => rooms.map((room) => [...shard.slotsOf('room', room)].sort());

describe('a shard', () => {
  it('sends what happens in a room to those who hold it, each slot once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const held = rooms.map(() => new Set<number>());
        for (const one of steps) {
          const { slot } = gatewayOf(one);
          if (one.what === 'hold') held[one.room]?.add(slot);
          else if (one.what === 'letGo') held[one.room]?.delete(slot);
          else for (const some of held) some.delete(slot);
        }
        expect(pictureOf(taken(recordsOf(steps)))).toEqual(held.map((some) => [...some].sort()));
      }),
    );
  });

  it('comes to the same for who reads only the last record of each key, but of gateways that have ended', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const records = recordsOf(steps.filter(({ what }) => what !== 'end'));
        const compacted = records.filter(
          ({ key }, at) => !records.slice(at + 1).some((one) => one.key === key),
        );
        expect(pictureOf(taken(compacted))).toEqual(pictureOf(taken(records)));
      }),
    );
  });

  it('names every key of a gateway that it forgets, so that nothing of it stays on the log', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const records = recordsOf(steps.filter(({ what }) => what !== 'end'));
        const shard = taken(records);
        for (const { id } of gateways) {
          const gone = shard.drop(id).map((key) => ({ key, value: null }));
          records.push(...gone.filter(({ key }) => key !== holderKey(id)));
        }
        expect(shard.size).toBe(0);
        expect(taken(records).size).toBe(0);
      }),
    );
  });

  it('lets nobody look silent for a stretch in which nobody could say anything', () => {
    const shard = new Shard(slots);
    const alive = ({ id, slot }: (typeof gateways)[number], timestamp: number) =>
      shard.take({ key: holderKey(id), value: value({ gatewayId: id, slot }), timestamp });
    const [one, two] = gateways as [(typeof gateways)[number], (typeof gateways)[number]];
    const silence = (id: string) => shard.clock - (shard.gateways.get(id)?.heardAt ?? 0);
    alive(one, 1000);
    alive(two, 1000);
    alive(one, 61_000);
    expect(silence(two.id)).toBeLessThan(5000);
    for (let at = 64_000; at <= 91_000; at += 3000) alive(one, at);
    expect(silence(two.id)).toBeGreaterThan(30_000);
    alive(two, 91_000);
    expect([silence(one.id), silence(two.id)]).toEqual([0, 0]);
  });

  it('takes no slot that there is not', () => {
    const [gateway = { id: '', slot: 0 }] = gateways;
    const record = { key: holderKey(gateway.id), value: value({ gatewayId: gateway.id, slot: slots }) };
    expect(() => new Shard(slots).take({ ...record, timestamp: 0 })).toThrow('slot 8');
    expect(() => new Shard(slots).take({ key: 'room/x/y', value: value({}), timestamp: 0 })).toThrow();
    expect(() => new Shard(slots).take({ key: null, value: null, timestamp: 0 })).toThrow('no registration');
  });
});
