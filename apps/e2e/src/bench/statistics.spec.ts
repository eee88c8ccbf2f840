import { spread, TimeHistogram } from './statistics';

describe('figures', () => {
  it('tell the middle of the runs and their ends', () => {
    expect(spread([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it('tell percentiles to the step, also over several processes', () => {
    const [one, all] = [new TimeHistogram(), new TimeHistogram()];
    for (let ms = 1; ms <= 100; ms++) one.add(ms * 1000 - 1);
    all.addAll(one.filled());
    expect([all.percentile(0.5), all.percentile(0.99), all.total]).toEqual([50, 99, 100]);
    one.add(TimeHistogram.mostMs * 2000);
    expect([one.percentile(0.5), one.percentile(1)]).toEqual([51, Infinity]);
  });
});
