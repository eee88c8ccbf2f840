/** The middle of several runs, and how far they lie apart. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
  return { median, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Counts of times in steps of 50 µs up to 5 s, so that every one of millions is counted; the last holds all longer ones. */
export class TimeHistogram {
  static readonly stepUs = 50;
  static readonly mostMs = 5000;
  readonly counts = new Array<number>((TimeHistogram.mostMs * 1000) / TimeHistogram.stepUs).fill(0);
  total = 0;

  add(us: number): void {
    const step = Math.min(Math.max(Math.floor(us / TimeHistogram.stepUs), 0), this.counts.length - 1);
    this.counts[step] = (this.counts[step] ?? 0) + 1;
    this.total++;
  }

  addAll(counts: readonly [number, number][]): void {
    for (const [step, count] of counts) {
      this.counts[step] = (this.counts[step] ?? 0) + count;
      this.total += count;
    }
  }

  /** The steps that hold something, to be sent to another process. */
  filled(): [number, number][] {
    return this.counts.flatMap((count, step): [number, number][] => (count > 0 ? [[step, count]] : []));
  }

  /** In ms: the end of the step that holds it, Infinity for the last one; NaN of nothing. */
  percentile(share: number): number {
    if (this.total === 0) return NaN;
    let left = this.total * share;
    const step = this.counts.findIndex((count) => (left -= count) <= 0);
    return step === this.counts.length - 1 ? Infinity : ((step + 1) * TimeHistogram.stepUs) / 1000;
  }
}

const clockBeganUs = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;

/** Microseconds of a clock that all processes of this machine share. */
export const sharedClockUs = (): number => Math.floor(clockBeganUs + performance.now() * 1000);
