import type { CommandReply, RoomEvent } from '@maru/contracts';
import type { MessageState } from './message-state';
import type { Membership, RoomState } from './room-state';
import type { Kept, SentMessage } from './snapshot';

/** What a decision may look at: the room as it is after all commands before this one. */
export interface Known {
  room: RoomState | undefined;
  membership(userId: string): Membership | undefined;
  /** The message first sent under the asker's id, with the hash of its first content. */
  message: SentMessage | undefined;
  /** What was answered to an earlier command of the asker with this id. */
  outcome: Kept | undefined;
  /** Whether there is such a message in the room; deleted ones are there. */
  hasMessage(seq: number): boolean;
  /**
   * A message of the room that the command changes.
   * @throws CodedError `unavailable` when it is in an archive that is away.
   */
  messageAt(seq: number): MessageState | undefined;
  /** Whether the asker has reacted so to the message that the command names. */
  reacted(seq: number, reaction: string): boolean;
  /** Whether the asker is blocked by the other one of this direct room, made or not. */
  blocked(directRoomId: string): boolean;
  /** The member who joined first, the given one left out. Known for `removeDeletedUser` only. */
  oldestMember(except: string): string | undefined;
}

export interface Decision {
  events: RoomEvent[];
  reply: CommandReply;
  /** Hash of a message's content, or of a new room's. */
  hash?: string;
  /** The reply is kept under the command's id, so that a late copy changes nothing. */
  keep?: true;
}
