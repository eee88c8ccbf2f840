import type { Message, RoomEvent, SessionNotice } from '@maru/contracts';
import type { ConnectionState } from './connection/connection';
import type { MaruError } from './errors';

/** What a client tells of. */
export interface MaruEvents {
  /** `error`: why it is not online. */
  state: { state: ConnectionState; error?: MaruError };
  /** An event of any room: each once, in order per room, without a gap. */
  event: RoomEvent;
  /** Those of them that are messages. */
  message: Message;
  /** A log-in or log-out of the user's own, on any device. */
  session: SessionNotice & { what: 'started' | 'ended' };
}
