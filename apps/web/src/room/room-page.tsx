import { RoomInside } from './room-inside';
import { RoomOutside } from './room-outside';
import { useHere } from '../session/here';
import { useLive } from '../use-live';

/** A room: its messages for its members, a door for others. */
export function RoomPage({ id, loaded }: { id: string; loaded: boolean }) {
  const { maru } = useHere();
  const info = useLive(
    (changed) => maru.rooms.on('change', changed),
    () => maru.rooms.get(id),
    [maru, id],
  );
  if (!loaded) return null;
  return info === undefined ? <RoomOutside id={id} /> : <RoomInside room={maru.room(id)} info={info} />;
}
