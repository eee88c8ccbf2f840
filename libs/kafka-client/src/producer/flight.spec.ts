import fc from 'fast-check';
import { drop, FLIGHT_BYTES, FLIGHT_RECORDS, gather, land, messagesOf, type Parcel } from './flight';

function parcel(records: number, bytes: number, batch?: Parcel['batch']) {
  const outcome: { offset?: number; error?: unknown } = {};
  const one: Parcel = {
    messages: Array.from({ length: records }, () => ({ value: '' })),
    bytes,
    deadline: 0,
    ...(batch && { batch }),
    resolve: (offset) => (outcome.offset = offset),
    reject: (error) => (outcome.error = error),
  };
  return { one, outcome };
}

describe('a flight', () => {
  it('takes parcels from the front, whole, up to its size, and at least one', () => {
    const size = fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 600_000 }));
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 30 }), (sizes) => {
        const all = sizes.map(([records, bytes]) => parcel(records, bytes).one);
        const waiting = [...all];
        const flight = gather(waiting);
        expect([...flight, ...waiting]).toEqual(all);
        expect(flight.length).toBeGreaterThan(0);
        if (flight.length === 1) return;
        expect(flight.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(FLIGHT_BYTES);
        expect(messagesOf(flight).length).toBeLessThanOrEqual(FLIGHT_RECORDS);
      }),
    );
  });

  it('tells each caller the offset of its own first record', () => {
    const [a, b] = [parcel(2, 10), parcel(3, 10)];
    land([a.one, b.one], 100);
    expect([a.outcome.offset, b.outcome.offset]).toEqual([100, 102]);
  });

  it('does not send what follows a part of the same batch that failed', () => {
    const batch = {};
    const [first, second, other] = [parcel(1, 10, batch), parcel(1, 10, batch), parcel(1, 10)];
    drop([first.one], new Error('refused'));
    expect(gather([second.one, other.one])).toEqual([other.one]);
    expect(second.outcome.error).toEqual(new Error('refused'));
  });
});
