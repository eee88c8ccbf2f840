import type { Message } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';
import { go } from '../route';
import { useHere, type Here } from '../session/here';

export interface Notices {
  /** Whether this browser has any. */
  possible: boolean;
  on: boolean;
  toggle: () => void;
}

const key = 'maru-page/notices';

/** A browser that keeps nothing for us forgets it with the page. */
function remember(on: boolean): void {
  try {
    localStorage.setItem(key, on ? 'on' : 'off');
  } catch {
    // Then so.
  }
}
function wanted(): boolean {
  try {
    return localStorage.getItem(key) !== 'off';
  } catch {
    return true;
  }
}

/** Tells of messages while the page is hidden, once the user has allowed it. */
export function useNotices(): Notices {
  const here = useHere();
  const possible = 'Notification' in window;
  const [on, setOn] = useState(() => possible && Notification.permission === 'granted' && wanted());
  useEffect(() => {
    if (!on) return;
    return here.maru.on('message', (message) => {
      if (document.hidden && message.senderId !== here.me.id) void show(here, message);
    });
  }, [here, on]);

  const turn = (to: boolean): void => {
    remember(to);
    setOn(to);
  };
  const toggle = (): void => {
    if (on) turn(false);
    else void Notification.requestPermission().then((answer) => turn(answer === 'granted'));
  };
  return { possible, on, toggle };
}

async function show({ maru }: Here, { roomId, senderId, text }: Message): Promise<void> {
  const sender = await maru.users.get(senderId).then(
    ({ name }) => name,
    () => 'Maru',
  );
  const room = maru.rooms.get(roomId);
  const title = room === undefined || room.peerId !== undefined ? sender : `${sender} in ${room.name}`;
  const notice = new Notification(title, { body: text.slice(0, 200), tag: roomId });
  notice.onclick = () => {
    window.focus();
    go({ at: 'room', id: roomId });
    notice.close();
  };
}
