import type { MyRoom } from '@maru/client';
import { useEffect } from 'preact/hooks';
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
  const { list, loaded } = useLive(
    (changed) => maru.rooms.on('change', changed),
    () => maru.rooms,
    [maru],
  );
  // What cannot be read now is read as soon as it can be.
  useEffect(() => void maru.rooms.load().catch(ignored), [maru]);
  return { list, loaded };
}

const ignored = (): void => undefined;
