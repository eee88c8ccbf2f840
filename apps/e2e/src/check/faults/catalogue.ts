import type { CheckStack, Fault } from '../check-stack';
import { storeAway } from './away';
import { clocks } from './clocks';
import { cutsOf } from './cuts';
import { fullDisks } from './disks';
import { kills } from './kills';
import { slowReaders } from './readers';
import { comingAndGoing, rollingRestart } from './restarts';

export interface CatalogueFault extends Fault {
  /** How often a full run throws it. */
  times: number;
}

/** What can go wrong with this stack: nothing where only its doors are known, less where it was not started for it. */
export function faultsOf(stack: CheckStack): CatalogueFault[] {
  if (stack.read() === undefined) return [];
  const { weakPoints } = stack;
  return [
    ...kills(stack),
    ...storeAway(stack, 60),
    rollingRestart(stack),
    ...comingAndGoing(stack),
    ...slowReaders,
    ...(weakPoints
      ? [...cutsOf(weakPoints), ...clocks(stack, weakPoints.clockFolder), ...fullDisks(weakPoints.disks)]
      : []),
  ];
}
