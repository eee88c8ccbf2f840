import type { MyRoom } from '@maru/client';
import { useEffect } from 'preact/hooks';

/** The page's title counts what is unread. */
export function useUnreadTitle(rooms: readonly MyRoom[]): void {
  const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Maru` : 'Maru';
    return () => void (document.title = 'Maru');
  }, [unread]);
}
