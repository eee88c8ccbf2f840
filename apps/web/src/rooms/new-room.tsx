import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../parts/field';
import { go } from '../route';
import { useHere } from '../session/here';
import { wordsOf } from '../words';

const kinds = [
  { value: 'public', words: 'Public', hint: 'Anybody can find it and join.' },
  { value: 'private', words: 'Private', hint: 'Only those you add are in it.' },
] as const;

export function NewRoom({ onDone }: { onDone: () => void }) {
  const { maru } = useHere();
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const entries = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const visibility = entries.visibility === 'private' ? 'private' : 'public';
    setBusy(true);
    maru.rooms.create({ name: (entries.name ?? '').trim(), visibility }).then(
      ({ id }) => {
        go({ at: 'room', id });
        onDone();
      },
      (error: unknown) => {
        setWrong(wordsOf(error));
        setBusy(false);
      },
    );
  };

  return (
    <form onSubmit={submit}>
      <Field label="Name" name="name" maxLength={64} pattern=".*\S.*" autoFocus required />
      <fieldset class="choices">
        <legend>Who can come in?</legend>
        {kinds.map(({ value, words, hint }) => (
          <label key={value} class="choice">
            <input type="radio" name="visibility" value={value} defaultChecked={value === 'public'} />
            <span>
              <strong>{words}</strong> <span class="quiet">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <div class="dialog-actions">
        <button class="button primary" disabled={busy}>
          Create room
        </button>
      </div>
    </form>
  );
}
