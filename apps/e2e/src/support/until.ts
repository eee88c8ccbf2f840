/** Looks every 20 ms until the condition holds and gives what it found; rejects after `withinMs` in the given words. */
export async function until<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  withinMs = 15_000,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== undefined && found !== null)
      return found as Exclude<T, false | undefined | null>;
    if (Date.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await pause(20);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
