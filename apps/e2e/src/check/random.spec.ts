import { Random } from './random';

const draw = (random: Random) => Array.from({ length: 1000 }, random.next);

describe('random choices', () => {
  it('are the same for the same seed and stream, and others for another', () => {
    expect(draw(new Random(7, 2))).toEqual(draw(new Random(7, 2)));
    const firsts = [new Random(7), new Random(7, 1), new Random(7, 2), new Random(8)].map(({ next }) =>
      next(),
    );
    expect(new Set(firsts).size).toBe(4);
  });

  it('take each as often as its weight says', () => {
    const random = new Random(1);
    const counts = { often: 0, seldom: 0, never: 0 };
    for (let turn = 0; turn < 10_000; turn++) counts[random.weighted({ often: 9, seldom: 1, never: 0 })]++;
    expect(counts.never).toBe(0);
    expect(counts.often / counts.seldom).toBeGreaterThan(8);
    expect(counts.often / counts.seldom).toBeLessThan(10.2);
  });

  it('stay within their bounds', () => {
    const random = new Random(3);
    const all = Array.from({ length: 1000 }, () => random.below(3));
    expect(new Set(all)).toEqual(new Set([0, 1, 2]));
    expect(random.pick([])).toBeUndefined();
  });
});
