import { CodedError } from '@maru/contracts';
import common from './common-passwords.json';

const guessedFirst: ReadonlySet<string> = new Set(common.passwords);

/** Whose password it is to be, as far as it is known; nobody may take these for one. */
export interface PasswordOwner {
  email: string;
  name?: string;
}

/**
 * Refuses a password that is guessed first: one of the most common, the owner's e-mail or name, or no more than
 * two characters over and over. Case does not count. Length is a matter of the contract.
 * @throws CodedError `weak_password`
 */
export function refuseWeakPassword(password: string, { email, name }: PasswordOwner): void {
  const given = folded(password);
  const own = [email, email.split('@')[0], name].filter((word) => word !== undefined).map(folded);
  if (guessedFirst.has(given)) throw new CodedError('weak_password');
  if (own.includes(given)) {
    throw new CodedError('weak_password', 'A password must not be your e-mail or your name: choose another.');
  }
  if (new Set(given).size <= 2) {
    const detail = 'A password must have more than two different characters: choose another.';
    throw new CodedError('weak_password', detail);
  }
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();
