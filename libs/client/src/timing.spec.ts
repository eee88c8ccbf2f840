import { Backoff, Pauses } from './timing';

const timing = { firstPauseMs: 100, maxPauseMs: 1000 };

describe('the pause after a drop', () => {
  it('doubles up to its limit, and begins anew after a reset', () => {
    const backoff = new Backoff(timing, () => 1);
    expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it('is drawn at random, so that many do not come back at once', () => {
    const pauses = Array.from({ length: 200 }, () => new Backoff(timing).next());
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(100);
    const quarters = [0, 1, 2, 3].map(
      (n) => pauses.filter((ms) => Math.min(3, Math.floor((ms - 10) / 22.5)) === n).length,
    );
    for (const count of quarters) expect(count).toBeGreaterThan(10);
  });

  it('ends when there is a reason not to wait', async () => {
    const pauses = new Pauses();
    const waiting = pauses.wait(60_000);
    pauses.endAll();
    await waiting;
  });
});
