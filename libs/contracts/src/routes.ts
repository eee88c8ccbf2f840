import { authRoutes } from './routes/auth.routes';
import { friendsRoutes } from './routes/friends.routes';
import { messagesRoutes } from './routes/messages.routes';
import { notificationsRoutes } from './routes/notifications.routes';
import { roomsRoutes } from './routes/rooms.routes';
import { serverRoutes } from './routes/server.routes';
import { streamRoutes } from './routes/stream.routes';
import { usersRoutes } from './routes/users.routes';
import type { Route } from './routes/route';

/** Every REST route, once. */
export const routes: readonly Route[] = [
  ...usersRoutes,
  ...friendsRoutes,
  ...authRoutes,
  ...roomsRoutes,
  ...messagesRoutes,
  ...notificationsRoutes,
  ...streamRoutes,
  ...serverRoutes,
];
