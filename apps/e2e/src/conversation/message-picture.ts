import type { MessageNow, RoomEvent } from '@maru/contracts';

type Change = Extract<RoomEvent, { messageSeq: number }>;

/** A room's messages after an event that changes one, as a client of this user makes them. */
export const messagesAfter = (
  messages: readonly MessageNow[],
  event: Change,
  userId: string,
): readonly MessageNow[] =>
  messages.map((message) => (message.seq === event.messageSeq ? changed(message, event, userId) : message));

function changed(message: MessageNow, event: Change, userId: string): MessageNow {
  switch (event.type) {
    case 'messageEdited': {
      const { text, mentions, createdAt: editedAt } = event;
      const edited = { ...message, text, editedAt };
      delete edited.mentions;
      return mentions ? { ...edited, mentions } : edited;
    }
    case 'messageDeleted': {
      const left: MessageNow = { ...message, text: '', metadata: {}, deleted: true };
      delete left.mentions;
      delete left.reactions;
      return left;
    }
    case 'reactionAdded':
      return reacted(message, event.reaction, 1, event.userId === userId || undefined);
    case 'reactionRemoved':
      return reacted(message, event.reaction, -1, event.userId === userId ? false : undefined);
  }
}

/** `mine`: the user's own reaction is there from now on, or not; without it it was another's. */
function reacted(message: MessageNow, reaction: string, by: 1 | -1, mine: boolean | undefined): MessageNow {
  const { reactions = {}, ...rest } = message;
  const before = reactions[reaction] ?? { count: 0, mine: false };
  const after = { count: before.count + by, mine: mine ?? before.mine };
  const all = { ...reactions, [reaction]: after };
  if (after.count === 0) delete all[reaction];
  return Object.keys(all).length === 0 ? rest : { ...rest, reactions: all };
}
