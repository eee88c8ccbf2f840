import { processIdentity } from '../process-identity';

/** Looks every 20 ms until the condition holds and returns what it found; rejects after `withinMs`. */
export async function until<T>(
  look: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<Exclude<T, false | undefined | null | ''>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<T, false | undefined | null | ''>;
    if (Date.now() > deadline) throw new Error(`Not seen within ${withinMs} ms: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process is no more; one that ended and only waits to be collected is gone too. */
export function isGone(pid: number): boolean {
  return processIdentity(pid) === undefined;
}
