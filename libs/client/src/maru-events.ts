import type { Message, RoomEvent, SessionNotice } from '@maru/contracts';
import type { ConnectionState } from './connection/connection';
import type { MaruError } from './errors';

/** What a client tells of. */
export interface MaruEvents {
  /** `error`: why it is not online. */
  state: { state: ConnectionState; error?: MaruError };
  /** An event of any room: each once, in order per room, without a gap that `reset` does not tell of. */
  event: RoomEvent;
  /** Those of them that are messages. */
  message: Message;
  /** Too much of a room was missed to fetch it one by one, or its server went back: it goes on behind `seq`. */
  reset: { roomId: string; seq: number };
  /** A log-in or log-out of the user's own, on any device. */
  session: SessionNotice & { what: 'started' | 'ended' };
}
