import type { Room } from '@maru/client';
import { useNames } from '../people/use-name';
import { useLive } from '../use-live';

/** Who is typing now. */
export function TypingLine({ room }: { room: Room }) {
  const typing = useLive(
    (changed) => room.on('typing', changed),
    () => room.typing,
    [room],
  );
  const names = useNames(typing.slice(0, 3)).filter((name) => name !== '');
  return (
    <p class="typing" aria-live="polite">
      {names.length > 0 && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {sentence(names)}
        </>
      )}
    </p>
  );
}

function sentence(names: readonly string[]): string {
  if (names.length > 2) return 'Several people are typing';
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing`;
}
