import { type Counts, makeTempFolder, removeFolder, startStack, type StackOptions } from '@maru/stack';
import type { CheckStack } from '../check-stack';
import { Builds } from './builds';
import { LastWill } from './last-will';
import { WeakPoints } from './weak-points';

/** `MARU_KEEP=1` leaves the data folder, with the logs of all processes, in the temp folder. */
const keep = process.env.MARU_KEEP === '1';

/** Pages and resumes cross over into the archive all the time, where there is one. */
const shortTail = { HISTORY_TAIL_EVENTS: '20' };

/**
 * What removeFolder does, for sh, until nobody writes there any more: its processes end when we do, as this does.
 */
export const removal = `for _ in 1 2 3 4 5 6 7 8 9; do
  find "$1" -type l -name elsewhere -exec sh -c 'for link; do rm -rf "$(readlink "$link")" || exit; done' sh {} + &&
    rm -rf "$1" && break
  sleep 1
done`;

/** A Maru with data of its own, into which every fault can be thrown that this machine permits. */
export async function startWeakStack(
  options: Partial<Counts> &
    Pick<StackOptions, 'env' | 'apps' | 'history'> & { otherBuild?: string | undefined } = {},
): Promise<CheckStack> {
  const { gateways = 2, writers = 2, brokers = 3, apps = {}, history } = options;
  const routed = (options.env?.DELIVERY ?? process.env.DELIVERY) === 'routed';
  const counts: Counts = {
    ...{ gateways, writers, brokers, routers: routed ? (options.routers ?? 2) : 0 },
    cassandras: history === 'cql' ? 1 : 0,
  };
  const home = makeTempFolder('maru-check-');
  const will = keep ? undefined : LastWill.leave(removal, home);
  const weakPoints = await WeakPoints.prepare(home, counts);
  const builds = options.otherBuild === undefined ? undefined : new Builds(home, options.otherBuild);
  const cleanUp = async (): Promise<void> => {
    await weakPoints.close();
    if (!keep) removeFolder(home);
    will?.revoke();
  };
  try {
    const env = { LOG_LEVEL: 'warn', ...shortTail, ...options.env, ...weakPoints.options.env };
    const stack = await startStack({
      ...counts,
      ...weakPoints.options,
      env,
      apps: builds?.mains ?? apps,
      history,
      home,
    });
    return {
      urls: stack.urls,
      brokers: stack.run.brokers,
      read: () => stack.run,
      home,
      processes: stack.processes,
      weakPoints,
      ...(builds && { builds }),
      stop: () => stack.stop().then(cleanUp),
      ours: true,
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
