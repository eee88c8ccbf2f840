import { CodedError, type Command, type CommandOf } from '@maru/contracts';
import { Deciding } from './decisions/deciding';
import { addMember, join, leave, muteMember, removeMember, setRole } from './decisions/members';
import { addReaction, deleteMessage, editMessage, removeReaction } from './decisions/message-actions';
import { sendDirect, sendMessage } from './decisions/messages';
import { createRoom, deleteRoom, removeDeletedUser, updateRoom } from './decisions/rooms';
import type { Decision, Known } from './known';
import { findRepeat, isMessage, refused } from './repeats';

/** A command that waited longer than this is refused as expired. */
export const expiresAfterMs = 5 * 60 * 1000;

/**
 * Decides one command: a pure function of the room's state, the command, its append time and now (both ms).
 * `createdAt` of its events is the append time.
 */
export function decide(known: Known, command: Command, appendedAt: number, now: number): Decision {
  const repeated = findRepeat(known, command);
  if (repeated !== undefined) return repeated;
  if (now - appendedAt > expiresAfterMs) return refused(new CodedError('expired'));
  try {
    const decision = decisions[command.type] as (deciding: Deciding, command: Command) => Decision;
    return decision(new Deciding(known, command, new Date(appendedAt).toISOString()), command);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    // What may succeed later is decided anew when it comes again.
    return { ...refused(error), ...(isMessage(command) || error.retryable ? {} : { keep: true }) };
  }
}

const decisions: { [T in Command['type']]: (deciding: Deciding, command: CommandOf<T>) => Decision } = {
  ...{ createRoom, updateRoom, deleteRoom, removeDeletedUser },
  ...{ join, leave, addMember, removeMember, setRole, muteMember },
  ...{ sendMessage, sendDirect, editMessage, deleteMessage, addReaction, removeReaction },
};
