import type { Room, RoomPresence } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';
import { useHere } from '../session/here';
import { useLive } from '../use-live';
import { whenOf } from '../words';

/** Counts of a room are told to nobody: they are asked for. */
const againMs = 60_000;

/** Whether somebody is there, as a word for the eye and a sentence. Unknown counts as not there, and says nothing. */
export function usePresence(userId: string | undefined): { state: string; words: string } {
  const { maru } = useHere();
  const presence = useLive(
    (changed) => maru.presence.on('change', (one) => one.userId === userId && changed()),
    () => (userId === undefined ? undefined : maru.presence.of(userId)),
    [maru, userId],
  );
  if (presence === undefined) return { state: 'offline', words: '' };
  const { state, lastSeen } = presence;
  if (state !== 'offline') return { state, words: state === 'online' ? 'Online' : 'Away' };
  return { state, words: typeof lastSeen === 'string' ? `Last seen ${whenOf(lastSeen)}` : 'Offline' };
}

/** How many of a room are there; `undefined` while that is not known. Its members' own presence is kept up meanwhile. */
export function useRoomPresence({ id }: Room, members: number): RoomPresence | undefined {
  const { maru } = useHere();
  const [presence, setPresence] = useState<RoomPresence>();
  useEffect(() => {
    let wanted = true;
    const watch = (): void =>
      void maru.presence.watch(id).then(
        (now) => wanted && setPresence(now),
        () => undefined,
      );
    watch();
    const timer = setInterval(watch, againMs);
    return () => {
      wanted = false;
      clearInterval(timer);
      maru.presence.unwatch(id);
    };
  }, [maru, id, members]);
  return presence;
}
