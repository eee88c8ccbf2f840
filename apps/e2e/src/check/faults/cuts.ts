import { pause } from '../../support/until';
import type { CatalogueFault } from './catalogue';
import type { Cut, Line } from './line';
import type { WeakPoints } from './weak-points';

const cuts: Cut[] = ['broken', 'silent'];
/** Longer than a session, so that the group gives up who is cut off. */
const seconds = 12;

/** A gateway, a writer or a router that loses its brokers, and a writer that loses its store, each in both ways. */
export function cutsOf({ lines }: WeakPoints): CatalogueFault[] {
  const all = cuts.flatMap((how) => [
    ...[...lines].map(([name, { kafka }]) => cutting(`${name} cut from the brokers`, how, kafka)),
    ...[...lines]
      .filter(([name]) => name.startsWith('api-'))
      .map(([name, { postgres }]) => cutting(`${name} cut from the store`, how, [postgres])),
  ]);
  return all;
}

function cutting(what: string, how: Cut, lines: readonly Line[]): CatalogueFault {
  return {
    kind: `${what} (${how})`,
    minSeconds: seconds,
    times: 1,
    throw: async () => {
      for (const line of lines) line.cut(how);
      try {
        await pause(seconds * 1000);
      } finally {
        for (const line of lines) line.mend();
      }
    },
  };
}
