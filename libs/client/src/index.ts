export type { ConnectOptions } from './connect-options';
export type { ConnectionState } from './connection/connection';
export { isMaruError, MaruError, type MaruErrorCode } from './errors';
export { connect, type Maru } from './maru';
export type { MaruEvents } from './maru-events';
export type { ChatMessage, Content, SentMessage } from './messages';
export { newId } from './new-id';
export type { Placed } from './outbox/outbox';
export type { Friends, FriendsEvents } from './people/friends';
export type { Users } from './people/users';
export type { Rest } from './rest';
export type { HistoryQuery } from './rooms/history';
export type { Room, RoomEvents, Sending } from './rooms/room';
export type { NewRoom, Rooms, RoomsEvents } from './rooms/rooms';
export { Session, type SessionOptions } from './session/session';
export type { Presence, PresenceEvents } from './signals/presence';
export { LocalStore, MemoryStore, type Store } from './store';
export type { Timing } from './timing';
export type { TokenProvider } from './tokens';
export type {
  Friend,
  Me,
  Member,
  Message,
  MyRoom,
  OwnUser,
  PresenceNotice,
  PublicUser,
  Room as RoomBody,
  RoomEvent,
  RoomPresence,
} from '@maru/contracts';
