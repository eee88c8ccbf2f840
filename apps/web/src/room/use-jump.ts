import type { Room } from '@maru/client';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { attempt } from '../notices/toasts';

const flashMs = 2000;

/** Brings a message into view, read from the server first where it has to be, and marks it for a moment. */
export function useJump(room: Room) {
  const [target, setTarget] = useState<{ seq: number }>();
  const [flashed, setFlashed] = useState<number>();
  useEffect(() => {
    if (target === undefined) return;
    setFlashed(target.seq);
    const timer = setTimeout(() => setFlashed(undefined), flashMs);
    return () => clearTimeout(timer);
  }, [target]);
  const jump = async (seq: number): Promise<void> => {
    await room.loadBack(seq);
    // Not every seq is a message's: then the first one behind it is meant.
    const found = room.messages.find((message) => (message.seq ?? 0) >= seq);
    if (found?.seq === undefined) return;
    // The oldest one that was read is shown with the page before it.
    if (room.messages[0] === found && room.hasOlder) await room.loadOlder();
    setTarget({ seq: found.seq });
  };
  const open = useCallback((seq: number) => attempt(jump(seq)), [room]);
  return { target, flashed, open };
}
