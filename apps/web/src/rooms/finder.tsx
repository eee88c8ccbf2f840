import { Dialog } from '../parts/dialog';
import { FindPeople } from '../people/find-people';
import { FindRooms } from './find-rooms';
import { NewRoom } from './new-room';

export type Find = 'people' | 'rooms' | 'new';

const titles: Record<Find, string> = { people: 'Write to somebody', rooms: 'Public rooms', new: 'New room' };

/** Where conversations begin. */
export function Finder({ find, onClose }: { find: Find; onClose: () => void }) {
  return (
    <Dialog title={titles[find]} onClose={onClose}>
      {find === 'people' && <FindPeople onDone={onClose} />}
      {find === 'rooms' && <FindRooms onDone={onClose} />}
      {find === 'new' && <NewRoom onDone={onClose} />}
    </Dialog>
  );
}
