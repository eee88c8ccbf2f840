import { Logo } from '../parts/icons';
import { useHere } from '../session/here';
import type { Find } from './finder';

/** What is beside the rooms while none is open. */
export function Welcome({ onFind }: { onFind: (find: Find) => void }) {
  const { me } = useHere();
  return (
    <div class="welcome">
      <Logo />
      <h2>Hello, {me.name}</h2>
      <p class="quiet">Pick a conversation, or begin one.</p>
      <div class="welcome-actions">
        <button type="button" class="button primary" onClick={() => onFind('people')}>
          Write to somebody
        </button>
        <button type="button" class="button" onClick={() => onFind('rooms')}>
          Browse rooms
        </button>
      </div>
    </div>
  );
}
