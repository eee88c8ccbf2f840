import { pause } from '../../support/until';
import type { CheckStack } from '../check-stack';
import type { CatalogueFault } from './catalogue';
import { backInService, endAndWait, kindsIn, namesOf, orderly, recorded, runOf } from './processes';

/** A new version rolled out: every process in turn, each only when the one before is back. */
export function rollingRestart(stack: CheckStack): CatalogueFault {
  const names = kindsIn(runOf(stack)).flatMap((kind) => namesOf(runOf(stack), kind));
  return {
    kind: 'rolling restart',
    minSeconds: names.length * 6,
    times: 1,
    throw: async (on) => {
      for (const name of names) {
        await endAndWait(on, name, orderly(name));
        await backInService(on, name);
      }
    },
  };
}

const comesAndGoesMs = 60_000;

/** The partitions move each time; nothing where there is one writer only. */
export function comingAndGoing(stack: CheckStack): CatalogueFault[] {
  const second = namesOf(runOf(stack), 'api-chat')[1];
  if (second === undefined) return [];
  return [
    {
      kind: 'a second api-chat comes and goes',
      minSeconds: comesAndGoesMs / 1000,
      times: 1,
      throw: async (on, random) => {
        const deadline = performance.now() + comesAndGoesMs;
        while (performance.now() < deadline) {
          await recorded(on, second);
          await endAndWait(on, second, 'SIGTERM');
          // Sometimes it is sent away before it has what it came for.
          await pause(1000 + random() * 4000);
        }
        await backInService(on, second);
      },
    },
  ];
}
