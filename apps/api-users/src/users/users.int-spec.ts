import { randomUUID } from 'node:crypto';
import type { Me, PublicUser } from '@maru/contracts';
import { AccountServices, newPerson, until } from '../testing/account-services';
import { ToldUsers } from '../testing/told-users';

let services: AccountServices;
const told = new ToldUsers();

beforeAll(async () => {
  services = await AccountServices.start();
  await told.start();
});
afterAll(async () => {
  await told.stop();
  await services.stop();
});

const me = (token: string) => services.call<Me>('GET', '/api/users/me', undefined, token);
const change = (token: string, body: object) => services.call<Me>('PATCH', '/api/users/me', body, token);
const remove = (token: string) => services.call<{ id: string }>('DELETE', '/api/users/me', undefined, token);
const find = async (token: string, query: string, more = '') =>
  services.call<{ items: PublicUser[] }>(
    'GET',
    `/api/users?query=${encodeURIComponent(query)}${more}`,
    undefined,
    token,
  );
const names = async (token: string, query: string) =>
  (await find(token, query)).body.items.map(({ name }) => name);

describe('a user', () => {
  it('sees himself, and when he last came and went', async () => {
    const { person, user, token } = await services.join();
    await until(async () => (await me(token)).body.lastLoginAt !== null);
    expect((await me(token)).body).toEqual({
      ...user,
      lastLoginAt: expect.any(String) as string,
      lastLogoutAt: null,
    });
    const { body: second } = await services.logIn(person);
    await fetch(`${services.auth.url}/api/auth/logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refreshToken: second.refreshToken }),
    });
    await until(async () => (await me(token)).body.lastLogoutAt !== null);
    const { lastLoginAt, lastLogoutAt } = (await me(token)).body;
    expect((lastLogoutAt ?? '') >= (lastLoginAt ?? '')).toBe(true);
  });

  it('changes his name and status, and each change is told in order', async () => {
    const { user, token } = await services.join({ name: 'Before' });
    expect((await change(token, { statusMessage: 'at work' })).body).toMatchObject({
      name: 'Before',
      statusMessage: 'at work',
    });
    expect((await change(token, { name: 'After' })).body).toMatchObject({
      name: 'After',
      statusMessage: 'at work',
    });
    expect((await change(token, { statusMessage: '' })).body).toMatchObject({
      name: 'After',
      statusMessage: '',
    });
    await until(() => told.of(user.id).length === 4);
    expect(told.of(user.id)).toMatchObject([
      { type: 'user.created', version: 1, name: 'Before', statusMessage: '' },
      { type: 'user.updated', version: 2, name: 'Before', statusMessage: 'at work' },
      { type: 'user.updated', version: 3, name: 'After', statusMessage: 'at work' },
      { type: 'user.updated', version: 4, name: 'After', statusMessage: '' },
    ]);
  });

  it('changes nothing with a change that is none', async () => {
    const { token } = await services.join();
    const wrong = [
      {},
      { name: '' },
      { email: 'a@b.c' },
      { statusMessage: 'x'.repeat(141) },
      { name: 'a\u0000b' },
    ];
    for (const body of wrong) {
      const answer = await change(token, body);
      expect([answer.status, answer.body.code]).toEqual([400, 'bad_request']);
    }
  });

  it('has versions without a hole when many changes come at once', async () => {
    const { user, token } = await services.join();
    await Promise.all(Array.from({ length: 20 }, (_, n) => change(token, { statusMessage: `${n}` })));
    await until(() => told.of(user.id).length === 21);
    expect(told.of(user.id).map(({ version }) => version)).toEqual(
      Array.from({ length: 21 }, (_, n) => n + 1),
    );
  });

  it('is seen by others without his e-mail', async () => {
    const [{ user }, { token }] = [await services.join(), await services.join()];
    const { body } = await services.call('GET', `/api/users/${user.id}`, undefined, token);
    expect(Object.keys(body).sort()).toEqual(['createdAt', 'id', 'name', 'statusMessage']);
    const nobody = await services.call('GET', `/api/users/${randomUUID()}`, undefined, token);
    expect([nobody.status, nobody.body.code]).toEqual([404, 'user_not_found']);
    expect((await services.call('GET', '/api/users/no-id', undefined, token)).body.code).toBe('bad_request');
    expect((await services.call('GET', `/api/users/${user.id}`)).body.code).toBe('unauthenticated');
  });
});

describe('looking for users', () => {
  it('goes by a part of the name in any case, beginnings first, and never by e-mail', async () => {
    const word = randomUUID().slice(0, 8);
    const { token, person } = await services.join({ name: `Zoë ${word}` });
    await services.join({ name: `${word.toUpperCase()} Ärger` });
    expect(await names(token, word)).toEqual([`${word.toUpperCase()} Ärger`, `Zoë ${word}`]);
    expect(await names(token, `ZOË ${word}`)).toEqual([`Zoë ${word}`]);
    expect(await names(token, person.email.slice(0, 20))).toEqual([]);
  });

  it('takes every character for itself', async () => {
    const word = randomUUID().slice(0, 8);
    const { token } = await services.join({ name: `${word} 100% a_b \\ '"` });
    await services.join({ name: `${word} 100x aXb / ` });
    for (const part of ['100%', 'a_b', '\\', `'"`]) {
      expect(await names(token, part)).toContain(`${word} 100% a_b \\ '"`);
      expect(await names(token, part)).not.toContain(`${word} 100x aXb / `);
    }
  });

  it('gives as many as are asked for', async () => {
    const { token } = await services.join();
    await services.join();
    expect((await find(token, '', '&limit=1')).body.items).toHaveLength(1);
    for (const limit of ['0', '101', 'x']) {
      expect((await find(token, '', `&limit=${limit}`)).body.code).toBe('bad_request');
    }
  });
});

describe('a deleted user', () => {
  it('is gone at once, and his credential and sessions soon', async () => {
    const { person, user, token } = await services.join();
    const other = await services.join();
    expect(await remove(token)).toEqual({ status: 200, body: { id: user.id } });
    expect((await services.logIn(person)).body.code).toBe('invalid_credentials');
    const seen = await services.call('GET', `/api/users/${user.id}`, undefined, other.token);
    expect(seen.body.code).toBe('user_not_found');
    await until(async () => (await me(token)).body.code === 'session_ended');
    await until(() => told.of(user.id).length === 2);
    expect(told.of(user.id).at(-1)).toMatchObject({ type: 'user.deleted', version: 2 });
    await until(async () => (await services.halves()).length === 0);
  });

  it('leaves his e-mail to whoever signs up with it next, at once', async () => {
    const { person, user, token } = await services.join();
    await remove(token);
    const next = { ...person, password: 'battery staple' };
    const { status, body } = await services.signUp(next);
    expect(status).toBe(201);
    expect(body.id).not.toBe(user.id);
    expect((await services.logIn(next)).status).toBe(200);
    expect((await services.logIn(person)).status).toBe(401);
    await until(async () => (await me(token)).body.code === 'session_ended');
    expect((await services.logIn(next)).status).toBe(200);
    expect(await services.halves()).toEqual([]);
  });
});

describe('other services', () => {
  const internal = async (method: string, path: string, body?: object, secret = 'maru-development-only') => {
    const headers = { 'content-type': 'application/json', 'x-maru-internal': secret };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${services.users.url}/internal/users${path}`, init);
    return { status: response.status, body: (await response.json()) as { code?: string } };
  };

  it('learn which ids are users', async () => {
    const [{ user }, gone] = [await services.join(), await services.join()];
    await remove(gone.token);
    const ids = [user.id, gone.user.id, randomUUID(), user.id];
    expect(await internal('POST', '/existing', { ids })).toEqual({ status: 200, body: { ids: [user.id] } });
    expect((await internal('POST', '/existing', { ids: ['x'] })).body.code).toBe('bad_request');
    expect(await internal('POST', '/existing', { ids: [] })).toEqual({ status: 200, body: { ids: [] } });
    expect((await internal('POST', '/existing', { ids }, 'a wrong secret, a guess')).status).toBe(404);
  });

  it('get a user with his e-mail if he is active', async () => {
    const { user } = await services.join();
    expect(await internal('GET', `/${user.id}`)).toEqual({ status: 200, body: user });
    expect((await internal('GET', `/${randomUUID()}`)).body.code).toBe('user_not_found');
  });
});

describe('a stop', () => {
  let own: AccountServices;
  beforeAll(async () => {
    own = await AccountServices.start({ SHUTDOWN_TIMEOUT_MS: '20000' });
  });
  afterAll(() => own.stop());

  it('answers what was asked, tells what happened, and takes no longer than it must', async () => {
    const { user, token } = await own.join();
    const asked = Array.from({ length: 10 }, (_, n) =>
      own.call('PATCH', '/api/users/me', { statusMessage: `${n}` }, token),
    );
    const signUp = own.signUp(newPerson());
    await Promise.race(asked);
    const before = Date.now();
    expect(await own.users.kill('SIGTERM')).toBe(0);
    expect(Date.now() - before).toBeLessThan(15_000);
    const answers = await Promise.allSettled([...asked, signUp]);
    const done = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 200);
    expect(own.users.output).toContain('"event":"stopped"');
    // Nothing waits for the next start: each change that was made is told already.
    await until(() => told.of(user.id).length >= 1 + done.length);
    expect(told.of(user.id).map(({ version }) => version)).toEqual(told.of(user.id).map((_, n) => n + 1));
  });
});
