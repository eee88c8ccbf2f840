import type { RoomBody } from '@maru/client';
import { useCallback, useState } from 'preact/hooks';
import { Search } from '../parts/search';
import { go } from '../route';
import { useHere } from '../session/here';
import { countOf, wordsOf } from '../words';
import { RoomSign } from './room-row';

const most = 50;

/** Public rooms, to join or to open. */
export function FindRooms({ onDone }: { onDone: () => void }) {
  const { maru } = useHere();
  const [wrong, setWrong] = useState<string>();
  const find = useCallback(
    async (query: string) => {
      const found: RoomBody[] = [];
      for await (const room of maru.rooms.findPublic(query === '' ? undefined : query))
        if (found.push(room) === most) break;
      return found;
    },
    [maru],
  );
  const enter = async (id: string, isMine: boolean): Promise<void> => {
    if (!isMine) await maru.room(id).join();
    go({ at: 'room', id });
    onDone();
  };
  const row = (room: RoomBody) => {
    const isMine = maru.rooms.get(room.id) !== undefined;
    return (
      <li key={room.id} class="found-row">
        <RoomSign room={room} />
        <span class="found-name">{room.name}</span>
        <span class="quiet">{countOf(room.messageNo, 'message')}</span>
        <button
          type="button"
          class="button small"
          aria-label={`${isMine ? 'Open' : 'Join'} ${room.name}`}
          onClick={() => void enter(room.id, isMine).catch((error: unknown) => setWrong(wordsOf(error)))}
        >
          {isMine ? 'Open' : 'Join'}
        </button>
      </li>
    );
  };
  return (
    <>
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <Search label="Search by name" none="No public room has this name." find={find} row={row} />
    </>
  );
}
