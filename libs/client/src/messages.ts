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
export function shown(message: MessageNow): SentMessage {
  return { ...without(message, 'type'), state: 'sent' };
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
  if (message.deleted === true) {
    // Its words are gone from its edits too, where they are read later.
    return event.type === 'messageEdited' ? { ...message, editedAt: event.createdAt } : message;
  }
  switch (event.type) {
    case 'messageEdited': {
      const { text, mentions, createdAt: editedAt } = event;
      return { ...without(message, 'mentions'), text, editedAt, ...(mentions && { mentions }) } as M;
    }
    case 'messageDeleted': {
      const rest = without(message, 'mentions', 'reactions');
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
  const { [reaction]: was = { count: 0, mine: false }, ...others } = message.reactions ?? {};
  const now = { count: was.count + by, mine: mine ? by > 0 : was.mine };
  const reactions = now.count > 0 ? { ...others, [reaction]: now } : others;
  return Object.keys(reactions).length > 0 ? { ...message, reactions } : (without(message, 'reactions') as M);
}

function without<T extends object, K extends keyof T>(from: T, ...keys: K[]): Omit<T, K> {
  const rest: Partial<T> = { ...from };
  for (const key of keys) delete rest[key];
  return rest as Omit<T, K>;
}
