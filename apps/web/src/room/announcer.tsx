import type { Room } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';
import { useHere } from '../session/here';

const kept = 3;

/**
 * Tells a screen reader what is said by others. The timeline itself is no live region: it only holds the rows that are
 * in view, so that scrolling would be read out as news.
 */
export function Announcer({ room }: { room: Room }) {
  const { me, maru } = useHere();
  const [news, setNews] = useState<readonly { key: string; words: string }[]>([]);
  useEffect(
    () =>
      room.on('event', (event) => {
        if (event.type !== 'message' || event.senderId === me.id) return;
        const tell = (name: string): void =>
          setNews((before) => [
            ...before.slice(1 - kept),
            { key: `${event.seq}`, words: `${name}: ${event.text}` },
          ]);
        maru.users.get(event.senderId).then(
          ({ name }) => tell(name),
          () => tell('Somebody'),
        );
      }),
    [room],
  );
  return (
    <div class="hidden-text" role="log" aria-live="polite" aria-label="New messages">
      {news.map(({ key, words }) => (
        <p key={key}>{words}</p>
      ))}
    </div>
  );
}
