import type { RoomBody } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';
import { attempt } from '../notices/toasts';
import { RoomSign } from '../rooms/room-row';
import { useHere } from '../session/here';
import { wordsOf } from '../words';
import { PlaceHead } from './place-head';

/** A room that the user is no member of. */
export function RoomOutside({ id }: { id: string }) {
  const { maru } = useHere();
  const [seen, setSeen] = useState<RoomBody & { member: boolean }>();
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    maru.rest.get<RoomBody & { member: boolean }>(`/rooms/${id}`).then(
      (room) => {
        setSeen(room);
        // It is his, and the list is about to say so.
        if (room.member) void maru.rooms.load().catch(() => undefined);
      },
      (error: unknown) => setWrong(wordsOf(error)),
    );
  }, [maru, id]);

  if (wrong !== undefined)
    return (
      <div class="welcome">
        <h2>Nothing to see here</h2>
        <p class="quiet">{wrong}</p>
      </div>
    );
  if (seen === undefined || seen.member) return null;
  return (
    <section class="room" aria-label={seen.name}>
      <PlaceHead sign={<RoomSign room={seen} />} title={seen.name} />
      <div class="welcome">
        <h2>{seen.name}</h2>
        <p class="quiet">You are not in this room.</p>
        <button type="button" class="button primary" onClick={() => attempt(maru.room(id).join())}>
          Join
        </button>
      </div>
    </section>
  );
}
