import type { RefObject } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { askedAt, matching, type Person } from './mentions';

interface Field {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  people: readonly Person[];
  /** Who was picked before. */
  before: readonly Person[] | undefined;
  setText: (text: string) => void;
  onMention: (() => void) | undefined;
}

const nobody: readonly Person[] = [];

/** The choice of people behind an @: up and down choose, Enter or Tab takes, Esc lets it be. */
export function useMentioning({ field, text, people, before = nobody, setText, onMention }: Field) {
  const id = useId();
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState<number>();
  const picked = useRef(before);
  const asked = askedAt(text, caret);
  const open = asked !== undefined && asked.from !== dismissed;
  const found = open ? matching(people, asked.query) : [];

  const names = text.includes('@');
  useEffect(() => {
    if (names) onMention?.();
  }, [names]);
  useEffect(() => setChosen(0), [asked?.query]);
  // The caret moves with the text; where to is known once it is drawn.
  useEffect(() => look(), [text]);
  useEffect(() => {
    // What is written next names nobody yet.
    if (text === '') picked.current = nobody;
  }, [text]);

  const look = (): void => setCaret(field.current?.selectionStart ?? 0);
  const pick = (person: Person): void => {
    if (asked === undefined || field.current === null) return;
    // Whose name was taken out since is not meant any more.
    picked.current = [...picked.current.filter(({ name }) => text.includes(`@${name}`)), person];
    const start = `${text.slice(0, asked.from)}@${person.name} `;
    const whole = start + text.slice(caret);
    // At once, so that the caret can be put behind the name.
    field.current.value = whole;
    field.current.setSelectionRange(start.length, start.length);
    field.current.focus();
    setText(whole);
    setCaret(start.length);
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
