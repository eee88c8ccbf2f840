import { nextDelay } from './supervisor';

describe('the pause before the next start', () => {
  it('doubles with each quick death, up to two seconds', () => {
    const delays: number[] = [];
    for (let delay = nextDelay(0, 0); delays.length < 7; delay = nextDelay(delay, 10)) delays.push(delay);
    expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('is forgotten after five seconds of life', () => {
    expect(nextDelay(2000, 4_999)).toBe(2000);
    expect(nextDelay(2000, 5_000)).toBe(100);
  });
});
