import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { CloseIcon, SendIcon } from '../parts/icons';
import { useHere } from '../session/here';
import { MentionList } from './mention-list';
import { mentionsIn, type Person } from './mentions';
import { useMentioning } from './use-mentioning';

export interface Said {
  text: string;
  mentions: string[];
}
interface Props {
  /** What is not sent yet is kept under this name, if there is one, as long as the page is open. */
  place?: string;
  label: string;
  start?: string;
  people?: readonly Person[];
  /** Those whom `start` names. */
  meant?: readonly Person[];
  /** There is an @: `people` are wanted. */
  onMention?: () => void;
  onSend: (said: Said) => Promise<void> | void;
  onType?: () => void;
  /** Up in an empty field. */
  onUp?: () => void;
  bar?: ComponentChildren;
  onCancel?: () => void;
}

interface Draft {
  text: string;
  picked: readonly Person[];
}
const drafts = new Map<string, Draft>();
const most = 8000;
const touches = matchMedia('(pointer: coarse)');
const nobody: readonly Person[] = [];

/** Where messages are written. Enter sends, with Shift it begins a new line; on a touch screen the button sends. */
export function Composer(props: Props) {
  const {
    place,
    label,
    start = '',
    people = nobody,
    meant = nobody,
    onSend,
    onType,
    onUp,
    bar,
    onCancel,
  } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const { me } = useHere();
  // Whoever logs in next on this page has drafts of his own.
  const key = place === undefined ? undefined : `${me.id}/${place}`;
  const [draft] = useState(() => (key === undefined ? undefined : drafts.get(key)));
  const [text, setText] = useState(draft?.text ?? start);
  const mentioning = useMentioning({
    ...{ field, text, people, before: draft?.picked, setText },
    onMention: props.onMention,
  });
  const { picked } = mentioning;

  useEffect(() => {
    if (key !== undefined) drafts.set(key, { text, picked });
  }, [key, text, picked]);
  useEffect(() => {
    if (!touches.matches || bar !== undefined) field.current?.focus();
  }, [bar !== undefined]);
  useLayoutEffect(() => grow(field.current), [text]);

  const send = (): void => {
    if (text.trim() === '') return;
    setText('');
    const said = { text, mentions: mentionsIn(text, [...picked, ...meant], people) };
    Promise.resolve(onSend(said)).catch(() => setText((now) => (now === '' ? text : now)));
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.isComposing || mentioning.take(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !touches.matches) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') onCancel?.();
    else if (event.key === 'ArrowUp' && text === '' && onUp !== undefined) {
      event.preventDefault();
      onUp();
    }
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {bar !== undefined && (
        <div class="composer-bar">
          <span>{bar}</span>
          <button type="button" class="icon-button" aria-label="Cancel" onClick={onCancel}>
            <CloseIcon />
          </button>
        </div>
      )}
      <MentionList {...mentioning} />
      <div class="composer-row">
        <textarea
          ref={field}
          rows={1}
          maxLength={most}
          aria-label={label}
          placeholder={label}
          aria-autocomplete="list"
          aria-controls={mentioning.listId}
          aria-activedescendant={mentioning.activeId}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            if (event.currentTarget.value.trim() !== '') onType?.();
          }}
          onKeyDown={onKeyDown}
          onSelect={mentioning.look}
        />
        <button class="send" aria-label="Send" disabled={text.trim() === ''}>
          <SendIcon />
        </button>
      </div>
    </form>
  );
}

function grow(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
