import { useState } from 'preact/hooks';
import { wordsOf } from '../words';
import { Dialog } from './dialog';

interface Props {
  title: string;
  text: string;
  action: string;
  /** Closes the dialog when it is done; says what went wrong otherwise. */
  act: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, action, act, onClose }: Props) {
  const [wrong, setWrong] = useState<string>();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => void act().then(onClose, (error: unknown) => setWrong(wordsOf(error)))}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}
