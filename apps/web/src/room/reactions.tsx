import type { ChatMessage } from '@maru/client';
import { attempt } from '../notices/toasts';
import { countOf } from '../words';
import { focusMessageOf } from './focus-message';
import { useRoomView } from './room-view';

/** How many reacted with what; a click adds one's own or takes it back. */
export function Reactions({ message: { seq, reactions } }: { message: ChatMessage }) {
  const { room } = useRoomView();
  const all = Object.entries(reactions ?? {});
  if (seq === undefined || all.length === 0) return null;
  const takeBack = (reaction: string, count: number, button: HTMLElement): void => {
    if (count === 1) focusMessageOf(button);
    attempt(room.unreact(seq, reaction));
  };
  return (
    <div class="reactions" role="group" aria-label="Reactions">
      {all.map(([reaction, { count, mine }]) => (
        <button
          key={reaction}
          type="button"
          class="reaction"
          aria-pressed={mine}
          aria-label={`${reaction}, ${countOf(count, 'person', 'people')}`}
          onClick={({ currentTarget }) =>
            mine ? takeBack(reaction, count, currentTarget) : attempt(room.react(seq, reaction))
          }
        >
          {reaction} <span>{count}</span>
        </button>
      ))}
    </div>
  );
}
