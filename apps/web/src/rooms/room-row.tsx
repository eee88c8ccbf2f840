import type { MyRoom } from '@maru/client';
import { Avatar } from '../people/avatar';
import { useName } from '../people/use-name';
import { HashIcon, LockIcon } from '../parts/icons';
import { hrefOf } from '../route';
import { useHere } from '../session/here';
import { whenOf } from '../words';

/** A room in the list: its name, what was said last, and how much of it is unread. */
export function RoomRow({ room, current }: { room: MyRoom; current: boolean }) {
  const name = useRoomName(room);
  const { id, unread, lastMessage, peerId } = room;
  return (
    <li>
      <a
        href={hrefOf({ at: 'room', id })}
        class={`room-row ${unread > 0 ? 'unread' : ''}`}
        aria-current={current ? 'page' : undefined}
      >
        {peerId === undefined ? <RoomSign room={room} /> : <Avatar id={peerId} name={name} presence />}
        <span class="room-row-name">{name}</span>
        {lastMessage !== null && (
          <time class="room-row-time" dateTime={lastMessage.createdAt}>
            {whenOf(lastMessage.createdAt)}
          </time>
        )}
        <span class="room-row-last">
          <LastMessage room={room} />
        </span>
        {unread > 0 && (
          <span class="badge">
            {unread > 99 ? '99+' : unread}
            <span class="hidden-text"> unread</span>
          </span>
        )}
      </a>
    </li>
  );
}

export function RoomSign({ room: { visibility } }: { room: Pick<MyRoom, 'visibility'> }) {
  return (
    <span class="avatar room-sign" aria-hidden="true">
      {visibility === 'private' ? <LockIcon /> : <HashIcon />}
    </span>
  );
}

/** A room's own name; of a direct one the name of the other. */
export function useRoomName(room: Pick<MyRoom, 'name' | 'peerId'> | undefined): string {
  const peer = useName(room?.peerId);
  return room?.peerId === undefined ? (room?.name ?? '') : peer;
}

function LastMessage({ room: { lastMessage, messageNo, peerId } }: { room: MyRoom }) {
  const { me } = useHere();
  const sender = useName(lastMessage?.senderId);
  // What was said is too old to be kept, or cannot be reached now.
  if (lastMessage === null) return <>{messageNo === 0 ? 'No messages yet' : 'No recent messages'}</>;
  const { senderId, text, deleted } = lastMessage;
  const who = senderId === me.id ? 'You' : peerId === undefined ? sender : '';
  const what = deleted === true ? 'Message deleted' : text;
  return <>{who === '' ? what : `${who}: ${what}`}</>;
}
