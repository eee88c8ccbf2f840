import {
  endAndWait,
  type Kind,
  kindsIn,
  namesOf,
  orderly,
  pick,
  recorded,
  runOf,
  withChildren,
} from './processes';
import { pause } from '../../support/until';
import type { CheckStack } from '../check-stack';
import type { CatalogueFault } from './catalogue';
import { LastWill } from './last-will';

/** How long processes are stopped, in seconds: short of a session, beyond it, and beyond every time-out. */
export const stopLengths = [3, 15, 40] as const;

/** SIGKILL, SIGSTOP for each length, and the signal that asks for an orderly end, of each kind of process. */
export function kills(stack: CheckStack): CatalogueFault[] {
  const run = runOf(stack);
  // One broker of one would take the whole log with it, which is no fault that Maru promises to live through.
  const there = kindsIn(run).filter((kind) => kind !== 'kafka' || namesOf(run, kind).length >= 3);
  return there.flatMap((kind) => [
    {
      kind: `${kind} killed`,
      minSeconds: 5,
      backWithinSeconds: 10,
      times: 3,
      throw: (on, random) => endAndWait(on, oneOf(on, kind, random), 'SIGKILL'),
    },
    ...stopLengths.map((seconds): CatalogueFault => ({
      kind: `${kind} stopped ${seconds} s`,
      minSeconds: seconds,
      times: 1,
      throw: (on, random) => suspend(on, oneOf(on, kind, random), seconds * 1000),
    })),
    {
      kind: `${kind} ended in order`,
      minSeconds: 8,
      backWithinSeconds: 2,
      times: 1,
      throw: async (on, random) => {
        const name = oneOf(on, kind, random);
        await endAndWait(on, name, orderly(name));
      },
    },
  ]);
}

const oneOf = (stack: CheckStack, kind: Kind, random: () => number) =>
  pick(namesOf(runOf(stack), kind), random);

/** The parent first, so that no child is made behind its back. */
async function suspend(stack: CheckStack, name: string, ms: number): Promise<void> {
  const { pid } = await recorded(stack, name);
  const stopped: number[] = [];
  const wills: LastWill[] = [];
  const stop = (...pids: number[]): void => {
    wills.push(LastWill.leave('kill -CONT "$@"', ...pids.map(String)));
    stopped.push(...pids);
    for (const one of pids) signal(one, 'SIGSTOP');
  };
  try {
    stop(pid);
    if (name === 'postgres') stop(...withChildren(pid).slice(1));
    await pause(ms);
  } finally {
    for (const one of stopped) signal(one, 'SIGCONT');
    for (const will of wills) will.revoke();
  }
}

/** One that has ended meanwhile is none to wake. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
