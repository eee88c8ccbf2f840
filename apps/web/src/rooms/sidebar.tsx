import { Avatar } from '../people/avatar';
import { BellIcon, BellOffIcon, CompassIcon, ExitIcon, Logo, PersonIcon, PlusIcon } from '../parts/icons';
import type { Notices } from '../notices/use-notices';
import type { Route } from '../route';
import { useHere } from '../session/here';
import type { Find } from './finder';
import { RoomRow } from './room-row';
import type { MyRooms } from './use-rooms';

interface Props {
  rooms: MyRooms;
  route: Route;
  notices: Notices;
  onFind: (find: Find) => void;
}

const finds = [
  { find: 'people', words: 'People', Icon: PersonIcon },
  { find: 'rooms', words: 'Browse', Icon: CompassIcon },
  { find: 'new', words: 'New room', Icon: PlusIcon },
] as const;

export function Sidebar({ rooms: { list, loaded }, route, notices, onFind }: Props) {
  const { me, logOut } = useHere();
  return (
    <nav class="sidebar" aria-label="Conversations">
      <header class="sidebar-head">
        <Logo />
        <h1>Maru</h1>
      </header>
      <div class="finds">
        {finds.map(({ find, words, Icon }) => (
          <button key={find} type="button" class="find" onClick={() => onFind(find)}>
            <Icon />
            {words}
          </button>
        ))}
      </div>
      <ul class="rooms" onKeyDown={moveFocus}>
        {list.map((room) => (
          <RoomRow key={room.id} room={room} current={isAt(route, room)} />
        ))}
      </ul>
      {loaded && list.length === 0 && (
        <p class="quiet rooms-empty">No conversations yet. Browse the rooms, or write to somebody.</p>
      )}
      <footer class="sidebar-foot">
        <Avatar id={me.id} name={me.name} />
        <span class="own-name">{me.name}</span>
        {notices.possible && (
          <button
            type="button"
            class="icon-button"
            aria-pressed={notices.on}
            aria-label="Notifications"
            title={notices.on ? 'Notifications are on' : 'Turn notifications on'}
            onClick={notices.toggle}
          >
            {notices.on ? <BellIcon /> : <BellOffIcon />}
          </button>
        )}
        <button type="button" class="icon-button" aria-label="Log out" title="Log out" onClick={logOut}>
          <ExitIcon />
        </button>
      </footer>
    </nav>
  );
}

const isAt = (route: Route, { id, peerId }: { id: string; peerId?: string | undefined }): boolean =>
  (route.at === 'room' && route.id === id) || (route.at === 'person' && route.id === peerId);

/** Up and down go from room to room. */
function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
