import type { ChatMessage } from '@maru/client';
import { UpIcon } from '../parts/icons';
import { useRoomView } from './room-view';
import type { Row } from './rows';

interface Props {
  rows: readonly Row[];
  messages: readonly ChatMessage[];
  unreadAfter: number | undefined;
  unread: number;
}

/** Leads to the line above the unread, where that is farther up than was read. */
export function UnreadHint({ rows, messages, unreadAfter, unread }: Props) {
  const { open } = useRoomView();
  const isThere = rows.some(({ kind }) => kind === 'unread');
  const oldest = messages[0]?.seq;
  if (unreadAfter === undefined || isThere || oldest === undefined || oldest <= unreadAfter) return null;
  return (
    <button type="button" class="jump up" onClick={() => open(unreadAfter + 1)}>
      <UpIcon />
      {unread > 0 ? `${unread} unread` : 'First unread'}
    </button>
  );
}
