import { connect, LocalStore, MemoryStore, Session, type Store } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';
import { Names } from '../people/names';
import { go } from '../route';
import { wordsOf } from '../words';
import type { Here } from './here';

export type Standing = { is: 'looking' } | { is: 'out'; notice?: string } | { is: 'in'; here: Here };
export interface Account {
  email: string;
  name: string;
  password: string;
}

/** A browser that keeps nothing for us is no reason to turn its user away. */
function storeOf(): Store {
  try {
    return new LocalStore();
  } catch {
    return new MemoryStore();
  }
}
const at = { url: location.origin, store: storeOf() };

/** Whether somebody is logged in, and how that changes. `logIn` and `signUp` reject with a `MaruError`. */
export function useSession() {
  const [standing, setStanding] = useState<Standing>({ is: 'looking' });

  const enter = (session: Session): void => {
    const maru = connect({ ...at, token: session.token, userId: session.user.id });
    const logOut = (): void => {
      maru.close();
      setStanding({ is: 'out' });
      go({ at: 'home' }, { replace: true });
      session.logOut().catch(() => undefined);
    };
    maru.on('state', ({ state, error }) => {
      const ended = state === 'closed' && error !== undefined && error.code !== 'closed';
      if (ended) setStanding({ is: 'out', notice: wordsOf(error) });
    });
    const names = new Names(maru, session.user);
    setStanding({ is: 'in', here: { maru, me: session.user, names, logOut } });
  };

  useEffect(() => {
    void Session.restore(at).then((session) =>
      session === undefined ? setStanding({ is: 'out' }) : enter(session),
    );
  }, []);

  const logIn = async (account: Pick<Account, 'email' | 'password'>): Promise<void> =>
    enter(await Session.logIn(at, account));
  const signUp = async ({ email, name, password }: Account): Promise<void> => {
    await Session.signUp(at, { email, name, password });
    await logIn({ email, password });
  };
  return { standing, logIn, signUp };
}
