import { useEffect, useState } from 'preact/hooks';
import { useHere } from '../session/here';
import { useLive } from '../use-live';

/** A connection that takes no longer is nothing to speak of. */
const patienceMs = 1500;

/** Says while there is no connection, and what becomes of messages meanwhile. */
export function OfflineBanner() {
  const { maru } = useHere();
  const state = useLive(
    (changed) => maru.on('state', changed),
    () => maru.state,
    [maru],
  );
  const unplugged = useUnplugged();
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (state === 'online') return;
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, [state === 'online']);
  const away = unplugged || (state !== 'online' && late);
  return (
    <div class="banner" role="status">
      {away && (
        <p>
          <strong>You are offline.</strong> What you write is kept, and sent when the connection is back.
        </p>
      )}
    </div>
  );
}

function useUnplugged(): boolean {
  return useLive(
    (changed) => {
      window.addEventListener('online', changed);
      window.addEventListener('offline', changed);
      return () => {
        window.removeEventListener('online', changed);
        window.removeEventListener('offline', changed);
      };
    },
    () => !navigator.onLine,
    [],
  );
}
