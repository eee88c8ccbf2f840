import type { Member, MyRoom, Room } from '@maru/client';
import { useState } from 'preact/hooks';
import { Avatar } from '../people/avatar';
import { useName } from '../people/use-name';
import { usePresence } from '../people/use-presence';
import { Confirm } from '../parts/confirm';
import { Dialog } from '../parts/dialog';
import { useHere } from '../session/here';
import { AddMember } from './add-member';

interface Props {
  room: Room;
  info: MyRoom;
  members: readonly Member[];
  onClose: () => void;
}

/** Who is in the room, and the ways in and out. */
export function RoomDetails({ room, info, members, onClose }: Props) {
  const { me } = useHere();
  const [asks, setAsks] = useState<'add' | 'end'>();
  const owns = info.ownerId === me.id;
  if (asks === 'end')
    return (
      <Confirm
        title={owns ? `Delete ${info.name}?` : `Leave ${info.name}?`}
        text={owns ? 'Nobody can read it any more.' : 'You hear nothing more of it.'}
        action={owns ? 'Delete room' : 'Leave room'}
        act={() => (owns ? room.delete() : room.leave())}
        onClose={onClose}
      />
    );
  return (
    <Dialog title={info.name} onClose={onClose}>
      <p class="quiet">{info.visibility === 'public' ? 'Anybody can join.' : 'Only members see it.'}</p>
      <h3>Members</h3>
      <ul class="found">
        {members.map((member) => (
          <MemberRow key={member.userId} member={member} />
        ))}
      </ul>
      {asks === 'add' && <AddMember room={room} members={members} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={() => setAsks('end')}>
          {owns ? 'Delete room' : 'Leave room'}
        </button>
        {asks === undefined && (
          <button type="button" class="button primary" onClick={() => setAsks('add')}>
            Add people
          </button>
        )}
      </div>
    </Dialog>
  );
}

function MemberRow({ member: { userId, owner, role } }: { member: Member }) {
  const name = useName(userId);
  const { words } = usePresence(userId);
  const part = owner ? 'Owner' : role === 'moderator' ? 'Moderator' : '';
  return (
    <li class="found-row">
      <Avatar id={userId} name={name} presence />
      <span class="found-name">{name}</span>
      <span class="quiet">{[part, words].filter((word) => word !== '').join(', ')}</span>
    </li>
  );
}
