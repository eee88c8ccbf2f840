import type { ChatMessage, MyRoom, Room } from '@maru/client';
import { useMemo, useState } from 'preact/hooks';
import { Confirm } from '../parts/confirm';
import { useRoomName } from '../rooms/room-row';
import { useHere } from '../session/here';
import { Announcer } from './announcer';
import { focusMessage } from './focus-message';
import { RoomComposer, type Writing } from './room-composer';
import { RoomHead } from './room-head';
import { type RoomView, RoomViewContext } from './room-view';
import { rowsOf } from './rows';
import { Timeline } from './timeline';
import { TypingLine } from './typing-line';
import { UnreadHint } from './unread-hint';
import { useJump } from './use-jump';
import { useMembers } from './use-members';
import { useMessages } from './use-messages';
import { useReading } from './use-reading';

/** A room as its member sees it. */
export function RoomInside({ room, info }: { room: Room; info: MyRoom }) {
  const { me } = useHere();
  const name = useRoomName(info);
  const { messages, opened, older } = useMessages(room);
  const [atEnd, setAtEnd] = useState(false);
  const { unreadAfter, forgetUnread } = useReading(room, info, messages, opened && atEnd);
  const [writing, setWriting] = useState<Writing>({ is: 'new' });
  const [removing, setRemoving] = useState<ChatMessage>();
  const [sent, setSent] = useState(0);
  const { target, flashed, open } = useJump(room);
  const members = useMembers(room, info.peerId === undefined);
  const { hasOlder } = room;
  const rows = useMemo(
    () => rowsOf(messages, { hasOlder, unreadAfter, me: me.id }),
    [messages, hasOlder, unreadAfter],
  );

  const moderates =
    info.ownerId === me.id || members.some(({ userId, role }) => userId === me.id && role === 'moderator');
  const view: RoomView = useMemo(
    () => ({
      room,
      moderates,
      flashed,
      open,
      find: (seq) => room.messages.find((message) => message.seq === seq),
      answer: (to) => setWriting({ is: 'answer', to }),
      edit: (message) => setWriting({ is: 'edit', message }),
      remove: setRemoving,
    }),
    [room, moderates, flashed],
  );
  const hasSent = (): void => {
    forgetUnread();
    setSent((count) => count + 1);
  };

  return (
    <RoomViewContext.Provider value={view}>
      <section class="room" aria-label={name}>
        <RoomHead room={room} info={info} name={name} members={members} />
        <UnreadHint rows={rows} messages={messages} unreadAfter={unreadAfter} unread={info.unread} />
        <Timeline
          {...{ rows, opened, target, sent, atEnd, unread: info.unread, older, onAtEnd: setAtEnd }}
          onLeave={() => document.querySelector<HTMLElement>('.composer textarea')?.focus()}
        />
        <Announcer room={room} />
        <TypingLine room={room} />
        <RoomComposer {...{ room, name, members, writing, onWriting: setWriting, onSent: hasSent }} />
      </section>
      {removing?.seq !== undefined && (
        <Confirm
          title="Delete this message?"
          text="It is gone for everybody in the room."
          action="Delete"
          act={() => room.deleteMessage(removing.seq ?? 0)}
          onClose={() => {
            setRemoving(undefined);
            focusMessage(removing.seq ?? 0);
          }}
        />
      )}
    </RoomViewContext.Provider>
  );
}
