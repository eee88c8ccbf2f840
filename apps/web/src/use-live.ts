import { useEffect, useReducer } from 'preact/hooks';

/** What `read` gives now; drawn again whenever `listen` hears of a change. `of`: what both depend on. */
export function useLive<T>(
  listen: (changed: () => void) => () => void,
  read: () => T,
  of: readonly unknown[],
): T {
  const [, again] = useReducer<number, void>((count) => count + 1, 0);
  useEffect(() => {
    // It may have changed between drawing and listening.
    again();
    return listen(() => again());
  }, of);
  return read();
}
