import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../parts/field';
import { Logo } from '../parts/icons';
import { wordsOf } from '../words';
import type { Account } from './use-session';

interface Props {
  notice: string | undefined;
  logIn: (account: Pick<Account, 'email' | 'password'>) => Promise<void>;
  signUp: (account: Account) => Promise<void>;
}

/** Log in, or sign up. */
export function Entrance({ notice, logIn, signUp }: Props) {
  const [isNew, setNew] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();

  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const entries = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    const { email = '', name = '', password = '' } = entries;
    setBusy(true);
    setWrong(undefined);
    (isNew ? signUp({ email, name: name.trim(), password }) : logIn({ email, password })).catch(
      (error: unknown) => {
        setWrong(wordsOf(error));
        setBusy(false);
      },
    );
  };

  return (
    <main class="entrance">
      <form class="entrance-card" onSubmit={submit} aria-labelledby="entrance-title">
        <Logo />
        <h1 id="entrance-title">{isNew ? 'Create your account' : 'Welcome to Maru'}</h1>
        <p class="quiet">{isNew ? 'It takes a moment.' : 'Log in to your conversations.'}</p>
        {notice !== undefined && wrong === undefined && <p role="status">{notice}</p>}
        {isNew && <Field label="Name" name="name" autoComplete="name" maxLength={64} required />}
        <Field label="E-mail" name="email" type="email" autoComplete="username" required />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          minLength={isNew ? 10 : 1}
          hint={isNew ? 'At least 10 characters. Several words are good.' : undefined}
          required
        />
        {wrong !== undefined && (
          <p class="wrong" role="alert">
            {wrong}
          </p>
        )}
        <button class="button primary" disabled={busy}>
          {isNew ? 'Create account' : 'Log in'}
        </button>
        <p class="quiet">
          {isNew ? 'You have an account?' : 'New here?'}{' '}
          <button
            type="button"
            class="as-link"
            onClick={() => {
              setNew(!isNew);
              setWrong(undefined);
            }}
          >
            {isNew ? 'Log in' : 'Create an account'}
          </button>
        </p>
      </form>
    </main>
  );
}
