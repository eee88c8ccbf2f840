import type { PublicUser } from '@maru/client';
import { useCallback } from 'preact/hooks';
import { Search } from '../parts/search';
import { go } from '../route';
import { useHere } from '../session/here';
import { Avatar } from './avatar';

/** People by name, to write to. */
export function FindPeople({ onDone }: { onDone: () => void }) {
  const { maru, me, names } = useHere();
  const find = useCallback(
    async (query: string) => (await maru.users.find(query)).filter(({ id }) => id !== me.id),
    [maru, me],
  );
  const open = ({ id, name }: PublicUser): void => {
    names.learn(id, name);
    go({ at: 'person', id });
    onDone();
  };
  const row = (person: PublicUser) => (
    <li key={person.id} class="found-row">
      <Avatar id={person.id} name={person.name} presence />
      <span class="found-name">{person.name}</span>
      <span class="quiet">{person.statusMessage}</span>
      <button
        type="button"
        class="button small"
        aria-label={`Write to ${person.name}`}
        onClick={() => open(person)}
      >
        Write
      </button>
    </li>
  );
  return <Search label="Search by name" none="Nobody has this name." find={find} row={row} />;
}
