import type { Maru, OwnUser } from '@maru/client';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Names } from '../people/names';

/** Whoever is logged in, and his way into Maru. */
export interface Here {
  maru: Maru;
  me: OwnUser;
  names: Names;
  logOut: () => void;
}

export const HereContext = createContext<Here | undefined>(undefined);

export function useHere(): Here {
  const here = useContext(HereContext);
  if (here === undefined) throw new Error('Nobody is logged in here.');
  return here;
}
