import type { ChatMessage, Room } from '@maru/client';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { useHere } from '../session/here';
import { useLive } from '../use-live';

/** More than these are let go of when the room is left; fewer are there at once when one comes back. */
const keptMessages = 300;

const page = 100;

export interface Messages {
  messages: readonly ChatMessage[];
  opened: boolean;
  /** Reads a page of older ones, if that can be done now. */
  older: () => Promise<void>;
}

/** The messages of an open room as they read now. */
export function useMessages(room: Room): Messages {
  const { maru } = useHere();
  const [opened, setOpened] = useState(false);
  const isOpen = useRef(false);
  const [, again] = useReducer<number, void>((count) => count + 1, 0);
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
  const older = async (): Promise<void> => {
    await room.loadOlder(page).catch(() => undefined);
    // That there are no more is known only after the last page was told of.
    again();
  };
  return { messages, opened, older };
}
