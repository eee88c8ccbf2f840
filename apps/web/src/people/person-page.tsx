import { newId } from '@maru/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Composer } from '../room/composer';
import { PlaceHead } from '../room/place-head';
import type { MyRooms } from '../rooms/use-rooms';
import { go } from '../route';
import { useHere } from '../session/here';
import { wordsOf } from '../words';
import { Avatar } from './avatar';
import { useName } from './use-name';
import { usePresence } from './use-presence';

/** Somebody to write to. The room of the two is made by the first message; where it is there, this page leads to it. */
export function PersonPage({ id, rooms: { list, loaded } }: { id: string; rooms: MyRooms }) {
  const { maru } = useHere();
  const name = useName(id);
  const { words } = usePresence(id);
  const last = useRef<{ id: string; text: string } | undefined>(undefined);
  const [wrong, setWrong] = useState<string>();
  const room = list.find(({ peerId }) => peerId === id);
  useEffect(() => {
    if (room !== undefined) go({ at: 'room', id: room.id }, { replace: true });
  }, [room?.id]);
  if (!loaded || room !== undefined) return null;

  const send = async (text: string): Promise<void> => {
    setWrong(undefined);
    // It may have arrived although its answer was lost: said again, it is the same message.
    const message = last.current?.text === text ? last.current : { id: newId(), text };
    last.current = message;
    try {
      const { roomId } = await maru.rooms.sendDirect(id, text, message.id);
      go({ at: 'room', id: roomId }, { replace: true });
    } catch (error) {
      setWrong(wordsOf(error));
      throw error;
    }
  };
  return (
    <section class="room" aria-label={`Conversation with ${name}`}>
      <PlaceHead sign={<Avatar id={id} name={name} presence />} title={name} line={words} />
      <div class="beginning">
        <p class="quiet">This is the beginning of your conversation with {name}.</p>
      </div>
      {wrong !== undefined && (
        <p class="wrong composer-wrong" role="alert">
          {wrong}
        </p>
      )}
      <Composer place={`person/${id}`} label={`Message to ${name}`} onSend={({ text }) => send(text)} />
    </section>
  );
}
