import type { ChatMessage } from '@maru/client';
import { ClockIcon, TickIcon, WarnIcon } from '../parts/icons';
import { wordsOf } from '../words';
import { useRoomView } from './room-view';

/** Where a message of one's own is: on its way, there, or refused. */
export function MessageState({ message: { id, state, error } }: { message: ChatMessage }) {
  const { room } = useRoomView();
  if (state === 'failed')
    return (
      <div class="message-failed" role="alert">
        <WarnIcon />
        <span>Not sent. {wordsOf(error)}</span>
        <button type="button" class="as-link" onClick={() => void room.retry(id).catch(() => undefined)}>
          Try again
        </button>
        <button type="button" class="as-link" onClick={() => room.discard(id)}>
          Discard
        </button>
      </div>
    );
  const words = state === 'sending' ? 'Sending' : 'Sent';
  return (
    <span class={`message-state ${state}`} title={words}>
      {state === 'sending' ? <ClockIcon /> : <TickIcon />}
      <span class="hidden-text">{words}</span>
    </span>
  );
}
