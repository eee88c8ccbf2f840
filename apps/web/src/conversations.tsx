import { useState } from 'preact/hooks';
import { OfflineBanner } from './notices/offline-banner';
import { useNotices } from './notices/use-notices';
import { useUnreadTitle } from './notices/use-unread-title';
import { Toasts } from './notices/toasts';
import { useOwnPresence } from './people/use-own-presence';
import { PersonPage } from './people/person-page';
import { RoomPage } from './room/room-page';
import { useRoute } from './route';
import { Finder, type Find } from './rooms/finder';
import { Sidebar } from './rooms/sidebar';
import { useRooms } from './rooms/use-rooms';
import { Welcome } from './rooms/welcome';

/** All that somebody sees who is logged in: his rooms, and beside them the one that is open. */
export function Conversations() {
  const route = useRoute();
  const rooms = useRooms();
  const notices = useNotices();
  const [find, setFind] = useState<Find>();
  useUnreadTitle(rooms.list);
  useOwnPresence();

  return (
    <div class={`conversations ${route.at === 'home' ? 'at-home' : 'at-room'}`}>
      <OfflineBanner />
      <Sidebar rooms={rooms} route={route} notices={notices} onFind={setFind} />
      <main class="place">
        {route.at === 'room' && <RoomPage key={route.id} id={route.id} loaded={rooms.loaded} />}
        {route.at === 'person' && <PersonPage key={route.id} id={route.id} rooms={rooms} />}
        {route.at === 'home' && <Welcome onFind={setFind} />}
      </main>
      <Toasts />
      {find !== undefined && <Finder find={find} onClose={() => setFind(undefined)} />}
    </div>
  );
}
