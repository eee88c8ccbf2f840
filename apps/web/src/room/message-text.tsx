import { useMemo } from 'preact/hooks';
import { useNames } from '../people/use-name';
import { type Part, partsOf } from './text-parts';

const none: readonly string[] = [];

/** What was said. It is put on the page as text alone; nothing in it is ever read as HTML. */
export function MessageText({
  text,
  mentions = none,
}: {
  text: string;
  mentions?: readonly string[] | undefined;
}) {
  const names = useNames(mentions);
  const parts = useMemo(() => partsOf(text, names), [text, names.join('\n')]);
  return <p class="message-text">{parts.map(Shown)}</p>;
}

function Shown(part: Part) {
  switch (part.is) {
    case 'text':
      return part.text;
    case 'mention':
      return <span class="mention">{part.text}</span>;
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      );
  }
}
