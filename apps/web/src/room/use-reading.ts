import type { ChatMessage, MyRoom, Room } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';

/**
 * Moves the user's marker to the newest message while he sees it, and keeps the place of the line above what he had
 * not seen: as it was when he opened the room, or turned away from the page.
 */
export function useReading(room: Room, info: MyRoom, messages: readonly ChatMessage[], atEnd: boolean) {
  const [after, setAfter] = useState(() => (info.unread > 0 ? info.readSeq : undefined));
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const turned = (): void => {
      setVisible(!document.hidden);
      if (document.hidden) setAfter(room.info?.readSeq);
      // Nothing came meanwhile: what comes from now on is seen.
      else if (room.info?.unread === 0) setAfter(undefined);
    };
    document.addEventListener('visibilitychange', turned);
    return () => document.removeEventListener('visibilitychange', turned);
  }, [room]);
  // What is shown counts: the list of rooms may know more. One's own moves the marker by itself, with its event.
  const newest = messages.findLast(({ messageNo }) => messageNo !== undefined)?.seq ?? 0;
  useEffect(() => {
    if (visible && atEnd && newest > info.readSeq) room.read(newest);
  }, [visible, atEnd, newest, info.readSeq]);
  return { unreadAfter: after, forgetUnread: () => setAfter(undefined) };
}
