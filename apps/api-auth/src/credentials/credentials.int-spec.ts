import { randomUUID } from 'node:crypto';
import type { LoggedIn } from '@maru/contracts';
import { addAccount, listen, logIn, password, tell, type Told, until } from '../testing/accounts';
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

const put = (userId: string, email: string, attempt: number, given = password) =>
  auth.call('PUT', `/internal/credentials/${userId}`, { email, password: given, attempt });
const newEmail = () => `${randomUUID()}@example.org`;

describe('the credential of a sign-up', () => {
  it('may be put any number of times, and once by many at once', async () => {
    const [userId, email] = [randomUUID(), newEmail()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => put(userId, email, 3)));
    answers.push(await put(userId, email, 3));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, { userId }]));
    users.activate(userId, email);
    expect((await logIn(auth, { userId, email })).status).toBe(200);
  });

  it('gives way to a later attempt and to no earlier one', async () => {
    const [first, second, email] = [randomUUID(), randomUUID(), newEmail()];
    await put(first, email, 1, 'the first password');
    expect((await put(second, email, 2)).status).toBe(200);
    const late = await put(first, email, 1, 'the first password');
    expect([late.status, late.body.code]).toEqual([409, 'signup_in_progress']);
    users.activate(second, email);
    expect((await logIn(auth, { userId: second, email })).body.user.id).toBe(second);
  });

  it('is that of the highest attempt when many come at once', async () => {
    const email = newEmail();
    const ids = Array.from({ length: 6 }, () => randomUUID());
    await Promise.all(ids.map((userId, n) => put(userId, email, n + 1, `password ${n + 1}`)));
    const last = { userId: ids[5] ?? '', email };
    users.activate(last.userId, email);
    expect((await logIn(auth, last, 'password 6')).status).toBe(200);
    expect((await logIn(auth, last, 'password 5')).status).toBe(401);
  });

  it('is not changed by another password, or another user, with the same attempt', async () => {
    const [userId, email] = [randomUUID(), newEmail()];
    await put(userId, email, 1);
    expect((await put(userId, email, 1, 'another password')).body.code).toBe('signup_in_progress');
    expect((await put(randomUUID(), email, 1)).body.code).toBe('signup_in_progress');
  });

  it('is put by other services only', async () => {
    const body = JSON.stringify({ email: newEmail(), password, attempt: 1 });
    const url = `${auth.env.AUTH_URL}/internal/credentials/${randomUUID()}`;
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(404);
  });
});

describe('a changed password', () => {
  const change = (token: string, currentPassword: string, newPassword: string) =>
    auth.call('POST', '/api/auth/password', { currentPassword, newPassword }, token);

  it('lets in from then on, and ends the other sessions', async () => {
    const account = await addAccount(auth, users);
    const other: LoggedIn = (await logIn(auth, account)).body;
    const mine: LoggedIn = (await logIn(auth, account)).body;
    const answer = await change(mine.accessToken, password, 'battery staple');
    expect(answer).toEqual({ status: 200, body: { endedSessions: 1 } });
    expect((await logIn(auth, account)).status).toBe(401);
    expect((await logIn(auth, account, 'battery staple')).status).toBe(200);
    const refresh = (refreshToken: string) => auth.call('POST', '/api/auth/refresh', { refreshToken });
    expect((await refresh(other.refreshToken)).status).toBe(401);
    expect((await refresh(mine.refreshToken)).status).toBe(200);
    await until(() => told(account.userId).some(({ reason }) => reason === 'password_changed'));
  });

  it('needs the present one, and a good one', async () => {
    const account = await addAccount(auth, users);
    const { accessToken } = (await logIn(auth, account)).body;
    expect((await change(accessToken, 'a guess', 'battery staple')).body.code).toBe('invalid_credentials');
    expect((await change(accessToken, password, 'short')).body.code).toBe('bad_request');
    expect((await change(accessToken, password, 'Password123')).body.code).toBe('weak_password');
    expect((await change(accessToken, password, account.email)).body.code).toBe('weak_password');
    expect((await logIn(auth, account)).status).toBe(200);
  });

  it('is changed by one of two who change it at once', async () => {
    const account = await addAccount(auth, users);
    const { accessToken } = (await logIn(auth, account)).body;
    const answers = await Promise.all(
      ['first', 'second'].map((n) => change(accessToken, password, `the ${n} one`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });
});

describe('an account', () => {
  it('ends with its user: no log-in, no session', async () => {
    const account = await addAccount(auth, users);
    const { refreshToken, accessToken } = (await logIn(auth, account)).body;
    await tell(auth, 'user.created', account.userId, { name: 'Ada', statusMessage: '' });
    await tell(auth, 'user.deleted', account.userId);
    await until(async () => (await logIn(auth, account)).status === 401);
    expect((await auth.call('POST', '/api/auth/refresh', { refreshToken })).status).toBe(401);
    await until(async () => {
      const { body } = await auth.call('GET', '/api/auth/sessions', undefined, accessToken);
      return body.code === 'session_ended';
    });
    const ends = () => told(account.userId).filter(({ reason }) => reason === 'user_deleted');
    await until(() => ends().length === 2);
    expect(ends().map(({ type }) => type)).toEqual(['session.revoked', 'sessions.revoked']);
  });

  it('leaves its e-mail to a new one, which the end of the old one does not touch', async () => {
    const old = await addAccount(auth, users);
    const next = { userId: randomUUID(), email: old.email };
    await put(next.userId, next.email, 2, 'battery staple');
    users.activate(next.userId, next.email);
    const { refreshToken } = (await logIn(auth, next, 'battery staple')).body;
    await tell(auth, 'user.deleted', old.userId);
    const witness = await addAccount(auth, users);
    await tell(auth, 'user.deleted', witness.userId);
    await until(async () => (await logIn(auth, witness)).status === 401);
    expect((await auth.call('POST', '/api/auth/refresh', { refreshToken })).status).toBe(200);
  });

  it('leaves no password and no hash in any log, record or answer', async () => {
    const account = await addAccount(auth, users);
    const { body } = await logIn(auth, account);
    await auth.call('POST', '/api/auth/login', { email: account.email, password: [password] });
    const seen = [...auth.lines, JSON.stringify(body), JSON.stringify(told(account.userId))].join('\n');
    expect(seen).not.toMatch(/correct horse|battery staple|argon2/);
    expect([...auth.lines].join('\n')).not.toContain(body.refreshToken);
  });
});
