import { useHere } from '../session/here';
import { useLive } from '../use-live';

/** A user's name; empty until it is known, and for nobody. */
export function useName(userId: string | undefined): string {
  return useNames(userId === undefined ? [] : [userId])[0] ?? '';
}

/** As many names as there are ids, in their order. */
export function useNames(userIds: readonly string[]): string[] {
  const { names } = useHere();
  return useLive(
    (changed) => names.on(changed),
    () => userIds.map((userId) => names.of(userId) ?? ''),
    [names],
  );
}
