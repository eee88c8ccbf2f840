import { useHere } from '../session/here';
import { useLive } from '../use-live';
import { whenOf } from '../words';

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
