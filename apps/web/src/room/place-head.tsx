import type { ComponentChildren } from 'preact';
import { BackIcon } from '../parts/icons';
import { hrefOf } from '../route';

interface Props {
  sign: ComponentChildren;
  title: string;
  line?: string;
  children?: ComponentChildren;
}

/** The top of a conversation. On a phone it leads back to the list. */
export function PlaceHead({ sign, title, line = '', children }: Props) {
  return (
    <header class="place-head">
      <a class="icon-button back" href={hrefOf({ at: 'home' })} aria-label="All conversations">
        <BackIcon />
      </a>
      {sign}
      <div class="place-title">
        <h2>{title}</h2>
        {line !== '' && <p class="quiet">{line}</p>}
      </div>
      {children}
    </header>
  );
}
