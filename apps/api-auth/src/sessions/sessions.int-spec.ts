import { randomUUID } from 'node:crypto';
import type { LoggedIn, Session, Tokens } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { type Account, addAccount, listen, logIn, type Told, until } from '../testing/accounts';
import { AuthApp } from '../testing/auth-app';
import { UsersStandIn } from '../testing/users-stand-in';

let users: UsersStandIn;
let auth: AuthApp;
let told: (userId: string) => Told[];

beforeAll(async () => {
  users = await UsersStandIn.start();
  auth = await AuthApp.start({ USERS_URL: users.url });
  told = await listen(auth, 'auth.events');
});
afterAll(async () => {
  await auth.stop();
  await users.stop();
});

const loggedIn = async (account: Account): Promise<LoggedIn> => (await logIn(auth, account)).body;
const refresh = (refreshToken: string, id?: string) =>
  auth.call<Tokens>('POST', '/api/auth/refresh', { refreshToken, ...(id !== undefined && { id }) });
const sessions = async (token: string) =>
  (await auth.call<{ items: Session[] }>('GET', '/api/auth/sessions', undefined, token)).body.items;
const typesTold = (userId: string) =>
  told(userId).map(({ type, reason }) => (reason ? `${type} ${reason}` : type));

describe('logging in', () => {
  it('gives tokens and the user, before anything was told of him', async () => {
    const account = await addAccount(auth, users);
    const { status, body } = await logIn(auth, account);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken', 'user']);
    expect(body.expiresIn).toBe(900);
    expect(body.user).toMatchObject({ id: account.userId, email: account.email });
    expect(Buffer.from(body.refreshToken, 'base64url')).toHaveLength(32);
    await until(() => told(account.userId).length === 1);
    expect(typesTold(account.userId)).toEqual(['session.started']);
  });

  it('is refused in the same words for a wrong password and an e-mail that nobody has', async () => {
    const account = await addAccount(auth, users);
    const wrong = await logIn(auth, account, 'wrong horse');
    const unknown = await logIn(auth, { userId: '', email: 'nobody@example.org' });
    expect(wrong).toEqual(unknown);
    expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid_credentials']);
  });

  it('takes as long for an e-mail that nobody has as for a wrong password', async () => {
    const account = await addAccount(auth, users);
    const nobody = { userId: '', email: 'nobody@example.org' };
    const times = { known: [] as number[], unknown: [] as number[] };
    for (let n = 0; n < 25; n++) {
      for (const [whose, who] of [
        ['known', account],
        ['unknown', nobody],
      ] as const) {
        const before = performance.now();
        await logIn(auth, who, 'wrong horse');
        times[whose].push(performance.now() - before);
      }
    }
    const [known, unknown] = [times.known, times.unknown].map((all) => Math.min(...all)) as [number, number];
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(1.5);
  });

  it('takes the e-mail in any case', async () => {
    const account = await addAccount(auth, users);
    const shouted = { ...account, email: ` ${account.email.toUpperCase()} ` };
    expect((await logIn(auth, shouted)).status).toBe(200);
  });

  it('is for active users only, and says when it cannot be known', async () => {
    const account = await addAccount(auth, users);
    users.setAway(true);
    expect((await logIn(auth, account)).body.code).toBe('unavailable');
    users.setAway(false);
    users.remove(account.userId);
    expect((await logIn(auth, account)).body.code).toBe('invalid_credentials');
  });
});

describe('a refresh token', () => {
  it('is used up by giving new tokens for the same session', async () => {
    const account = await addAccount(auth, users);
    const first = await loggedIn(account);
    const { status, body } = await refresh(first.refreshToken);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken']);
    expect(body.refreshToken).not.toBe(first.refreshToken);
    expect(await sessions(body.accessToken)).toHaveLength(1);
  });

  it('ends the session when it is used twice, and with it the token that took its place', async () => {
    const account = await addAccount(auth, users);
    const first = await loggedIn(account);
    const second = (await refresh(first.refreshToken)).body;
    expect((await refresh(first.refreshToken)).body.code).toBe('refresh_token_invalid');
    expect((await refresh(second.refreshToken)).body.code).toBe('refresh_token_invalid');
    await until(() => told(account.userId).length === 2);
    expect(typesTold(account.userId)).toEqual(['session.started', 'session.revoked refresh_reused']);
    await until(async () => {
      const { body } = await auth.call('GET', '/api/auth/sessions', undefined, second.accessToken);
      return body.code === 'session_ended';
    });
  });

  it('gives the same again to the same renewal, whose answer may have been lost, until that is used', async () => {
    const account = await addAccount(auth, users);
    const { refreshToken } = await loggedIn(account);
    const id = randomUUID();
    const [first, again] = [await refresh(refreshToken, id), await refresh(refreshToken, id)];
    expect([again.status, again.body.refreshToken]).toEqual([200, first.body.refreshToken]);
    expect(await sessions(again.body.accessToken)).toHaveLength(1);
    const next = (await refresh(again.body.refreshToken, randomUUID())).body;
    expect((await refresh(refreshToken, id)).body.code).toBe('refresh_token_invalid');
    expect((await refresh(next.refreshToken)).body.code).toBe('refresh_token_invalid');
    await until(() => typesTold(account.userId).includes('session.revoked refresh_reused'));
  });

  it('ends the session when it is used twice under two ids, or under one that somebody could guess', async () => {
    const account = await addAccount(auth, users);
    const { refreshToken } = await loggedIn(account);
    expect((await refresh(refreshToken, 'short')).body.code).toBe('bad_request');
    expect((await refresh(refreshToken, randomUUID())).status).toBe(200);
    expect((await refresh(refreshToken, randomUUID())).body.code).toBe('refresh_token_invalid');
    await until(() => typesTold(account.userId).includes('session.revoked refresh_reused'));
  });

  it('is good for one of ten who use it at once, at most', async () => {
    const account = await addAccount(auth, users);
    const { refreshToken } = await loggedIn(account);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)));
    const given = answers.filter((answer) => answer.status === 200);
    expect(given).toHaveLength(1);
    expect((await refresh(given[0]?.body.refreshToken ?? '')).body.code).toBe('refresh_token_invalid');
    await until(() => told(account.userId).length === 2);
  });

  it('is not known when it is none of ours', async () => {
    for (const none of ['nonsense', 'x'.repeat(256)]) {
      expect((await refresh(none)).body.code).toBe('refresh_token_invalid');
    }
    expect((await refresh('')).body.code).toBe('bad_request');
  });
});

describe('sessions', () => {
  it('end with the log-out, which may be repeated', async () => {
    const account = await addAccount(auth, users);
    const { refreshToken } = await loggedIn(account);
    for (let n = 0; n < 2; n++) {
      expect(await auth.call('POST', '/api/auth/logout', { refreshToken })).toEqual({
        status: 204,
        body: {},
      });
    }
    expect((await refresh(refreshToken)).body.code).toBe('refresh_token_invalid');
    await until(() => told(account.userId).length === 2);
    expect(typesTold(account.userId)).toEqual(['session.started', 'session.ended']);
  });

  it('are listed, the newest first, and it is said which one asks', async () => {
    const account = await addAccount(auth, users);
    const older = await loggedIn(account);
    await loggedIn(account);
    const items = await sessions(older.accessToken);
    expect(items.map(({ current, userAgent }) => ({ current, userAgent }))).toEqual([
      { current: false, userAgent: 'a test' },
      { current: true, userAgent: 'a test' },
    ]);
  });

  it('are ended one by one by their user, and by nobody else', async () => {
    const [ada, bob] = [await addAccount(auth, users), await addAccount(auth, users)];
    const [kept, other] = [await loggedIn(ada), await loggedIn(ada)];
    const stranger = await loggedIn(bob);
    const id = (await sessions(kept.accessToken)).find((session) => !session.current)?.id ?? '';
    const end = (token: string, which: string) =>
      auth.call('DELETE', `/api/auth/sessions/${which}`, undefined, token);
    expect((await end(stranger.accessToken, id)).body.code).toBe('session_not_found');
    expect((await end(kept.accessToken, randomUUID())).body.code).toBe('session_not_found');
    expect(await end(kept.accessToken, id)).toEqual({ status: 200, body: { id } });
    expect((await refresh(other.refreshToken)).body.code).toBe('refresh_token_invalid');
    expect(await sessions(kept.accessToken)).toHaveLength(1);
    await until(() => typesTold(ada.userId).includes('session.revoked by_user'));
  });

  it('run out when they are not used', async () => {
    const account = await addAccount(auth, users);
    const { refreshToken, accessToken } = await loggedIn(account);
    await sql`update sessions set last_used_at = now() - interval '31 days' where user_id = ${account.userId}`.execute(
      auth.app.get<Kysely<never>>(STORE),
    );
    expect(await sessions(accessToken)).toEqual([]);
    expect((await refresh(refreshToken)).body.code).toBe('refresh_token_invalid');
  });
});
