import { usePresence } from './use-presence';

const hues = 8;
const hueOf = (id: string): number => [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % hues;

/** The first letters of the first two words. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words.map((word) => [...word][0]?.toUpperCase() ?? '').join('');
}

/** A round sign for a person; `presence` adds a dot that says whether he is there. */
export function Avatar({ id, name, presence = false }: { id: string; name: string; presence?: boolean }) {
  return (
    <span class={`avatar hue-${hueOf(id)}`} aria-hidden="true">
      {initialsOf(name)}
      {presence && <PresenceDot id={id} />}
    </span>
  );
}

function PresenceDot({ id }: { id: string }) {
  const { state } = usePresence(id);
  return <span class={`presence ${state}`} />;
}
