import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * Choices that a seed decides, by xoroshiro128+. Each stream is a jump (2^64 steps) beyond the one before, so
 * that each client draws from its own whatever the others do.
 */
export class Random {
  private readonly generator;

  constructor(seed: number, stream = 0) {
    this.generator = xoroshiro128plus(seed);
    for (let jump = 0; jump < stream; jump++) this.generator.jump();
  }

  /** From 0 to below 1. */
  readonly next = (): number => uniformFloat64(this.generator);

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Milliseconds between two bounds. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** One of the keys, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries<number>(weights) as [K, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) if ((left -= weight) < 0) return key;
    return (entries.at(-1) as [K, number])[0];
  }
}
