import type { ChatMessage } from '@maru/client';

export type MessageRow = {
  kind: 'message';
  key: string;
  message: ChatMessage;
  /** Shows who says it; those that follow at once from the same sender do not. */
  first: boolean;
};
/** What stands in the timeline, from the oldest to the newest. */
export type Row =
  { kind: 'day'; key: string; instant: string } | { kind: 'unread'; key: string } | MessageRow;

export interface RowsOptions {
  /** Whether there are older messages than these. */
  hasOlder: boolean;
  /** The line stands before the first message of somebody else behind this seq. */
  unreadAfter: number | undefined;
  me: string;
}

const togetherMs = 5 * 60_000;

/** Stays the same from sending to sent. */
export const keyOf = ({ senderId, id }: ChatMessage): string => `${senderId}/${id}`;

/**
 * Messages with the lines between them. The oldest one is not shown while there are older ones: how it looks depends
 * on the one before it, and a row that changes when a page is put in front of it would make the timeline jump.
 */
export function rowsOf(messages: readonly ChatMessage[], options: RowsOptions): Row[] {
  const { hasOlder, unreadAfter, me } = options;
  const rows: Row[] = [];
  let lined = unreadAfter === undefined || (hasOlder && isBehind(messages[0], unreadAfter));
  const hidden = hasOlder && messages[0]?.seq !== undefined;
  for (let index = hidden ? 1 : 0; index < messages.length; index++) {
    const message = messages[index] as ChatMessage;
    const before = messages[index - 1];
    const key = keyOf(message);
    const newDay = before === undefined || dayOf(before) !== dayOf(message);
    const unread = !lined && message.senderId !== me && isBehind(message, unreadAfter ?? 0);
    if (newDay) rows.push({ kind: 'day', key: `day/${key}`, instant: message.createdAt });
    if (unread) rows.push({ kind: 'unread', key: 'unread' });
    lined ||= unread;
    const first = newDay || unread || !follows(before, message);
    rows.push({ kind: 'message', key, message, first });
  }
  return rows;
}

const isBehind = (message: ChatMessage | undefined, seq: number): boolean => (message?.seq ?? 0) > seq;

const dayOf = ({ createdAt }: ChatMessage): number => new Date(createdAt).setHours(0, 0, 0, 0);

function follows(before: ChatMessage, message: ChatMessage): boolean {
  if (before.senderId !== message.senderId || message.replyTo !== undefined) return false;
  return Date.parse(message.createdAt) - Date.parse(before.createdAt) < togetherMs;
}
