import type { CatalogueFault } from './catalogue';

/** The stretch after each fault in which all must go its way again, in seconds: a plan counts with it. */
const calmSeconds = 8;

/**
 * The order of a run of so many minutes: first every fault once, then again those that a full run throws more
 * often, each time in an order that `random` decides, and so on from the beginning. What does not fit into the time
 * that is left is passed over, so a short run is a draw.
 */
export function plan(
  faults: readonly CatalogueFault[],
  random: () => number,
  minutes: number,
): CatalogueFault[] {
  const planned: CatalogueFault[] = [];
  let left = minutes * 60;
  for (;;) {
    const before = planned.length;
    for (let turn = 1; turn <= Math.max(0, ...faults.map(({ times }) => times)); turn++) {
      for (const fault of shuffled(faults, random)) {
        const takes = fault.minSeconds + calmSeconds;
        if (fault.times < turn || takes > left) continue;
        planned.push(fault);
        left -= takes;
      }
    }
    if (planned.length === before) return planned;
  }
}

/** How many minutes it takes to throw each as often as it should be. */
export function fullRunMinutes(faults: readonly CatalogueFault[]): number {
  const seconds = faults.reduce((sum, { minSeconds, times }) => sum + times * (minSeconds + calmSeconds), 0);
  return Math.ceil(seconds / 60);
}

/** By Fisher and Yates. */
function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const all = [...list];
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [all[last], all[other]] = [all[other] as T, all[last] as T];
  }
  return all;
}
