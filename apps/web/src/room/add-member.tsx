import type { Member, PublicUser, Room } from '@maru/client';
import { useCallback } from 'preact/hooks';
import { attempt } from '../notices/toasts';
import { Avatar } from '../people/avatar';
import { Search } from '../parts/search';
import { useHere } from '../session/here';

/** People by name, to bring into the room. */
export function AddMember({ room, members }: { room: Room; members: readonly Member[] }) {
  const { maru } = useHere();
  const find = useCallback((query: string) => maru.users.find(query), [maru]);
  const row = ({ id, name }: PublicUser) => {
    const isIn = members.some(({ userId }) => userId === id);
    return (
      <li key={id} class="found-row">
        <Avatar id={id} name={name} />
        <span class="found-name">{name}</span>
        <button
          type="button"
          class="button small"
          disabled={isIn}
          aria-label={`Add ${name}`}
          onClick={() => attempt(room.add(id))}
        >
          {isIn ? 'Member' : 'Add'}
        </button>
      </li>
    );
  };
  return <Search label="Search by name" none="Nobody has this name." find={find} row={row} />;
}
