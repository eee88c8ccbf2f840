import { useEffect } from 'preact/hooks';
import { useHere } from '../session/here';

const awayAfterMs = 5 * 60_000;

/** Whoever has not looked at the page for a while is away. */
export function useOwnPresence(): void {
  const { maru } = useHere();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turned = (): void => {
      clearTimeout(timer);
      if (document.hidden) timer = setTimeout(() => maru.presence.set('away'), awayAfterMs);
      else maru.presence.set('online');
    };
    document.addEventListener('visibilitychange', turned);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', turned);
    };
  }, [maru]);
}
