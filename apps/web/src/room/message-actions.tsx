import type { ChatMessage } from '@maru/client';
import { useRef, useState } from 'preact/hooks';
import { attempt } from '../notices/toasts';
import { EditIcon, ReplyIcon, SmileIcon, TrashIcon } from '../parts/icons';
import { useHere } from '../session/here';
import { focusMessageOf } from './focus-message';
import { useRoomView } from './room-view';

const focus = (button: HTMLElement | null): void => button?.focus();
const offered = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀'];

/** What can be done with a message: they show when it is pointed at, or has the focus. */
export function MessageActions({ message }: { message: ChatMessage }) {
  const { me } = useHere();
  const { room, moderates, answer, edit, remove } = useRoomView();
  const [picking, setPicking] = useState(false);
  const group = useRef<HTMLDivElement>(null);
  const { seq, senderId } = message;
  if (seq === undefined) return null;
  const isOwn = senderId === me.id;

  const close = (): void => {
    focusMessageOf(group.current);
    setPicking(false);
  };
  const pick = (reaction: string): void => {
    close();
    attempt(room.react(seq, reaction));
  };
  if (picking)
    return (
      <div
        ref={group}
        class="message-actions picking"
        role="group"
        aria-label="Add a reaction"
        onKeyDown={(event) => event.key === 'Escape' && (event.stopPropagation(), close())}
        onMouseLeave={close}
      >
        {offered.map((reaction, index) => (
          <button
            key={reaction}
            type="button"
            class="icon-button"
            ref={index === 0 ? focus : null}
            onClick={() => pick(reaction)}
          >
            {reaction}
          </button>
        ))}
      </div>
    );
  return (
    <div ref={group} class="message-actions" role="group" aria-label="What to do with this message">
      <Action words="Add a reaction" Icon={SmileIcon} act={() => setPicking(true)} />
      <Action words="Reply" Icon={ReplyIcon} act={() => answer(message)} />
      {isOwn && <Action words="Edit" Icon={EditIcon} act={() => edit(message)} />}
      {(isOwn || moderates) && <Action words="Delete" Icon={TrashIcon} act={() => remove(message)} />}
    </div>
  );
}

function Action({ words, Icon, act }: { words: string; Icon: typeof EditIcon; act: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label={words} title={words} onClick={act}>
      <Icon />
    </button>
  );
}
