import type { ChatMessage, Room } from '@maru/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useHere } from '../session/here';
import { useLive } from '../use-live';

/** More than these are let go of when the room is left; fewer are there at once when one comes back. */
const keptMessages = 300;

/** The messages of an open room as they read now. */
export function useMessages(room: Room): { messages: readonly ChatMessage[]; opened: boolean } {
  const { maru } = useHere();
  const [opened, setOpened] = useState(false);
  const isOpen = useRef(false);
  const messages = useLive(
    (changed) => room.on('change', changed),
    () => room.messages,
    [room],
  );
  useEffect(() => {
    const open = (): void =>
      void room.open().then(
        () => setOpened((isOpen.current = true)),
        () => undefined,
      );
    open();
    // What could not be read without a connection is read with one.
    const stop = maru.on('state', ({ state }) => state === 'online' && !isOpen.current && open());
    return () => {
      stop();
      if (isOpen.current && room.messages.length > keptMessages) room.close();
    };
  }, [room]);
  return { messages, opened };
}
