import { backOff, pause } from '../time';

/** Asks until there is an answer; undefined when it is no longer wanted, or the signal aborts. */
export async function patiently<T>(
  ask: () => Promise<T>,
  unwanted: () => boolean,
  signal: AbortSignal,
  failed: (reason: string) => void,
): Promise<T | undefined> {
  for (let attempt = 0; !unwanted() && !signal.aborted; attempt++) {
    try {
      const answer = await ask();
      return unwanted() || signal.aborted ? undefined : answer;
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
      await pause(backOff(attempt, 100, 2000), signal);
    }
  }
  return undefined;
}
