import type { MyRoom } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';
import { useHere } from '../session/here';
import { useLive } from '../use-live';

export interface MyRooms {
  list: readonly MyRoom[];
  /** Whether the list has been read; before that it is empty. */
  loaded: boolean;
}

/** The user's rooms, the newest activity first, as they are now. */
export function useRooms(): MyRooms {
  const { maru } = useHere();
  const [loaded, setLoaded] = useState(false);
  const list = useLive(
    (changed) => maru.rooms.on('change', changed),
    () => maru.rooms.list,
    [maru],
  );
  useEffect(() => {
    if (loaded) return;
    const load = (): void => void maru.rooms.load().then(() => setLoaded(true), ignored);
    load();
    // What could not be read without a connection is read with one.
    return maru.on('state', ({ state }) => state === 'online' && load());
  }, [maru, loaded]);
  return { list, loaded };
}

const ignored = (): void => undefined;
