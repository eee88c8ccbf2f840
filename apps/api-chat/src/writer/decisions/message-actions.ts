import { CodedError, type CommandOf } from '@maru/contracts';
import type { Decision } from '../known';
import type { MessageState } from '../message-state';
import type { Deciding } from './deciding';

/** Different reactions of one message. */
const maxReactions = 20;
/** Each edit writes all that are known of its message anew. */
const maxEdits = 200;

/** The text and the mentions are from now on those of the edit; what says the same changes nothing. */
export function editMessage(deciding: Deciding, command: CommandOf<'editMessage'>): Decision {
  deciding.openRoom();
  const { seq: messageSeq, text, userId: byId } = command;
  const { now, edits } = mustBeThere(deciding, messageSeq);
  if (now.senderId !== byId) throw new CodedError('not_the_sender');
  const mentioned = deciding.mentions(command.mentions);
  if (text === now.text && String(mentioned.mentions) === String(now.mentions)) return deciding.done();
  if (edits.length >= maxEdits)
    throw new CodedError('bad_request', `A message is edited ${maxEdits} times at most: send another.`);
  deciding.add('messageEdited', { messageSeq, text, ...mentioned, byId });
  return deciding.done();
}

/** In a direct room nobody has a say over what the other has sent. */
export function deleteMessage(deciding: Deciding, command: CommandOf<'deleteMessage'>): Decision {
  const room = deciding.memberRoom();
  const { seq: messageSeq, userId: byId } = command;
  const message = deciding.known.messageAt(messageSeq);
  if (message === undefined) throw new CodedError('message_not_found');
  if (message.now.senderId !== byId) {
    if (room.kind === 'direct') throw new CodedError('not_the_sender');
    deciding.moderatedRoom();
  }
  if (!message.now.deleted) deciding.add('messageDeleted', { messageSeq, byId });
  return deciding.done();
}

export function addReaction(deciding: Deciding, command: CommandOf<'addReaction'>): Decision {
  deciding.openRoom();
  const { seq: messageSeq, userId, reaction } = command;
  const { reactions } = mustBeThere(deciding, messageSeq);
  if (deciding.known.reacted(messageSeq, reaction)) return deciding.done();
  if (!reactions.has(reaction) && reactions.size >= maxReactions)
    throw new CodedError('bad_request', `A message has at most ${maxReactions} different reactions.`);
  deciding.add('reactionAdded', { messageSeq, userId, reaction });
  return deciding.done();
}

export function removeReaction(deciding: Deciding, command: CommandOf<'removeReaction'>): Decision {
  deciding.memberRoom();
  const { seq: messageSeq, userId, reaction } = command;
  mustBeThere(deciding, messageSeq);
  if (deciding.known.reacted(messageSeq, reaction))
    deciding.add('reactionRemoved', { messageSeq, userId, reaction });
  return deciding.done();
}

function mustBeThere(deciding: Deciding, seq: number): MessageState {
  const message = deciding.known.messageAt(seq);
  if (message === undefined || message.now.deleted) throw new CodedError('message_not_found');
  return message;
}
