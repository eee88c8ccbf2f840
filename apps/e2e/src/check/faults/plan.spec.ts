import { Random } from '../random';
import type { CatalogueFault } from './catalogue';
import { fullRunMinutes, plan } from './plan';

const fault = (kind: string, minSeconds: number, times: number): CatalogueFault => ({
  kind,
  minSeconds,
  times,
  throw: () => Promise.resolve(),
});
const faults = [
  ...['a', 'b', 'c'].map((kind) => fault(`${kind} killed`, 5, 3)),
  ...['a', 'b', 'c'].map((kind) => fault(`${kind} stopped 40 s`, 40, 1)),
  fault('rolling restart', 60, 1),
];
const planned = (seed: number, minutes: number) => plan(faults, new Random(seed).next, minutes);
const count = (list: readonly CatalogueFault[], kind: string) =>
  list.filter((one) => one.kind === kind).length;

describe('the plan of a run', () => {
  it('throws each as often as it should be when there is time for all', () => {
    for (let seed = 0; seed < 50; seed++) {
      const full = planned(seed, fullRunMinutes(faults));
      for (const { kind, times } of faults) expect(count(full, kind)).toBeGreaterThanOrEqual(times);
    }
  });

  it('is the same for the same seed, and another for another', () => {
    const kindsOf = (seed: number) => planned(seed, 2).map(({ kind }) => kind);
    expect(kindsOf(1)).toEqual(kindsOf(1));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => kindsOf(seed).join())).size).toBeGreaterThan(10);
  });

  it('never takes more time than there is, and leaves no fault out over many short runs', () => {
    const seen = new Set<string>();
    const { next } = new Random(1);
    for (let run = 0; run < 100; run++) {
      const short = plan(faults, next, 1.5);
      expect(short.reduce((sum, { minSeconds }) => sum + minSeconds, 0)).toBeLessThanOrEqual(90);
      for (const { kind } of short) seen.add(kind);
    }
    expect(seen.size).toBe(faults.length);
  });

  it('is empty where nothing can be thrown', () => {
    expect(plan([], Math.random, 10)).toEqual([]);
  });
});
