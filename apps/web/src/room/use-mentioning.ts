import type { RefObject } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { askedAt, matching, type Person } from './mentions';

interface Field {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  people: readonly Person[];
  setText: (text: string) => void;
  onMention: (() => void) | undefined;
}

/** The choice of people behind an @: up and down choose, Enter or Tab takes, Esc lets it be. */
export function useMentioning({ field, text, people, setText, onMention }: Field) {
  const id = useId();
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState<number>();
  const picked = useRef<Person[]>([]);
  const asked = askedAt(text, caret);
  const open = asked !== undefined && asked.from !== dismissed;
  const found = open ? matching(people, asked.query) : [];

  useEffect(() => {
    if (open) onMention?.();
  }, [open]);
  useEffect(() => setChosen(0), [asked?.query]);
  // The caret moves with the text; where to is known once it is drawn.
  useEffect(() => look(), [text]);

  const look = (): void => setCaret(field.current?.selectionStart ?? 0);
  const pick = (person: Person): void => {
    if (asked === undefined || field.current === null) return;
    picked.current.push(person);
    const before = `${text.slice(0, asked.from)}@${person.name} `;
    const whole = before + text.slice(caret);
    // At once, so that the caret can be put behind the name.
    field.current.value = whole;
    field.current.setSelectionRange(before.length, before.length);
    field.current.focus();
    setText(whole);
    setCaret(before.length);
  };
  /** Whether the key was meant for the choice. */
  const take = (event: KeyboardEvent): boolean => {
    const person = found[chosen];
    if (person === undefined) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setChosen((chosen + step + found.length) % found.length);
    else if (event.key === 'Enter' || event.key === 'Tab') pick(person);
    else if (event.key === 'Escape') setDismissed(asked?.from);
    else return false;
    event.preventDefault();
    return true;
  };
  return {
    found,
    chosen,
    pick,
    take,
    look,
    picked: picked.current,
    listId: found.length > 0 ? id : undefined,
    activeId: found.length > 0 ? `${id}-${chosen}` : undefined,
  };
}
