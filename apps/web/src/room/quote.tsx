import { useName } from '../people/use-name';
import { useRoomView } from './room-view';

/** The message that another answers, in a line; it leads there. */
export function Quote({ seq, onOpen }: { seq: number; onOpen: (seq: number) => void }) {
  const { find } = useRoomView();
  const message = find(seq);
  const name = useName(message?.senderId);
  const text = message?.deleted === true ? 'This message was deleted.' : message?.text;
  return (
    <button type="button" class="quote" onClick={() => onOpen(seq)}>
      <span class="hidden-text">In answer to </span>
      {message === undefined ? (
        <span>An earlier message</span>
      ) : (
        <>
          <strong>{name}</strong> <span>{text}</span>
        </>
      )}
    </button>
  );
}
