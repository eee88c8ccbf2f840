import type { MessageNow, RoomEvent } from '@maru/contracts';
import type { MaruError } from './errors';

/** What is said. */
export interface Content {
  text: string;
  /** What sort of message it is; `text` when left out. */
  kind?: string;
  metadata?: Record<string, unknown>;
  /** The seq of the message that it answers. */
  replyTo?: number;
  /** The user ids of those whom it names; members only count. */
  mentions?: string[];
}

/**
 * A message as it reads now. One of one's own is there from the moment it is sent: `sending` until the server has
 * answered, `failed` when it was refused, with `error`. (senderId, id) stays the same all the while.
 */
export interface ChatMessage extends Omit<MessageNow, 'type' | 'seq' | 'messageNo'> {
  state: 'sending' | 'sent' | 'failed';
  /** Its place, once it is sent. */
  seq?: number;
  /** How many messages the room has up to and with this one; once its event has come. */
  messageNo?: number;
  error?: MaruError;
}
export type SentMessage = ChatMessage & { seq: number };

/** What the server has of it, as it is shown. */
export function shown({ type: _, ...message }: MessageNow): SentMessage {
  return { ...message, state: 'sent' };
}

/** Events that change how an earlier message of the room reads. */
export type ActionEvent = Extract<RoomEvent, { messageSeq: number }>;

export const isAction = (event: RoomEvent): event is ActionEvent => 'messageSeq' in event;

/** How a message reads after an event; `me` is whose reactions are `mine`. */
export function after<M extends Partial<MessageNow>>(
  message: M,
  event: ActionEvent,
  me: string | undefined,
): M {
  if (message.deleted === true) return message;
  switch (event.type) {
    case 'messageEdited': {
      const { mentions: _, ...rest } = message;
      const { text, mentions, createdAt: editedAt } = event;
      return { ...rest, text, editedAt, ...(mentions && { mentions }) } as M;
    }
    case 'messageDeleted': {
      const { mentions: _, reactions: __, editedAt: ___, ...rest } = message;
      return { ...rest, text: '', metadata: {}, deleted: true } as M;
    }
    case 'reactionAdded':
      return reacted(message, event, 1, event.userId === me);
    case 'reactionRemoved':
      return reacted(message, event, -1, event.userId === me);
  }
}

function reacted<M extends Partial<MessageNow>>(
  message: M,
  { reaction }: { reaction: string },
  by: 1 | -1,
  mine: boolean,
): M {
  const { reactions: before = {}, ...rest } = message;
  const { [reaction]: was = { count: 0, mine: false }, ...others } = before;
  const now = { count: was.count + by, mine: mine ? by > 0 : was.mine };
  const reactions = now.count > 0 ? { ...others, [reaction]: now } : others;
  return (Object.keys(reactions).length > 0 ? { ...rest, reactions } : rest) as M;
}
