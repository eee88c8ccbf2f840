import type { Member, MyRoom, Room } from '@maru/client';
import { useState } from 'preact/hooks';
import { Avatar } from '../people/avatar';
import { usePresence, useRoomPresence } from '../people/use-presence';
import { MoreIcon } from '../parts/icons';
import { RoomSign } from '../rooms/room-row';
import { countOf } from '../words';
import { PlaceHead } from './place-head';
import { RoomDetails } from './room-details';

interface Props {
  room: Room;
  info: MyRoom;
  name: string;
  members: readonly Member[];
}

export function RoomHead({ room, info, name, members }: Props) {
  const { peerId } = info;
  const { words } = usePresence(peerId);
  const there = useRoomPresence(room, members.length);
  const [details, setDetails] = useState(false);
  if (peerId !== undefined)
    return <PlaceHead sign={<Avatar id={peerId} name={name} presence />} title={name} line={words} />;
  const count = there?.members ?? members.length;
  const online = there === undefined ? '' : `, ${there.online} online`;
  const line = count === 0 ? '' : countOf(count, 'member') + online;
  return (
    <PlaceHead sign={<RoomSign room={info} />} title={name} line={line}>
      <button type="button" class="icon-button" aria-label="About this room" onClick={() => setDetails(true)}>
        <MoreIcon />
      </button>
      {details && <RoomDetails {...{ room, info, members }} onClose={() => setDetails(false)} />}
    </PlaceHead>
  );
}
