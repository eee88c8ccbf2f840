import { Avatar } from '../people/avatar';
import type { Person } from './mentions';

interface Props {
  found: readonly Person[];
  chosen: number;
  listId: string | undefined;
  pick: (person: Person) => void;
}

/** Who can be named. */
export function MentionList({ found, chosen, listId, pick }: Props) {
  if (listId === undefined) return null;
  return (
    <ul class="mentions" role="listbox" id={listId} aria-label="People to mention">
      {found.map((person, index) => (
        <li
          key={person.id}
          id={`${listId}-${index}`}
          role="option"
          aria-selected={index === chosen}
          onMouseDown={(event) => {
            // The field keeps the focus.
            event.preventDefault();
            pick(person);
          }}
        >
          <Avatar id={person.id} name={person.name} />
          {person.name}
        </li>
      ))}
    </ul>
  );
}
