import { randomUUID } from 'node:crypto';
import { systemUserId } from '@maru/contracts';
import { readServerKey } from '@maru/service-kit';
import { addAccount, listen, type Told, until } from '../testing/accounts';
import { AuthApp } from '../testing/auth-app';
import { UsersStandIn } from '../testing/users-stand-in';
import { serverKeysCommand } from './server-keys.command';

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

const command = (...args: string[]) => serverKeysCommand(auth.env.DATABASE_URL, args);
const create = (scopes: string) => command('create', '--name', 'shop', '--scopes', scopes);
const idOf = (key: string): string => readServerKey(key)?.id ?? '';
const check = async (key: string) => {
  const { status, body } = await auth.call('POST', '/internal/server-keys/check', readServerKey(key));
  return status === 200 ? body : body.code;
};

describe('the command for server keys', () => {
  it('makes a key that is shown once, and keeps its hash alone', async () => {
    const key = await create('rooms:write, messages:write');
    expect(key).toMatch(/^maru_sk_[0-9a-f]{16}_[\w-]{43}$/);
    const scopes = ['rooms:write', 'messages:write'];
    expect(await check(key)).toEqual({ id: idOf(key), name: 'shop', scopes });
    const list = await command('list');
    expect(list).toMatch(new RegExp(`^${idOf(key)}  shop  ${scopes.join()}  made \\S+  good$`, 'm'));
    expect(list).not.toContain(key.slice(-43));
  });

  it('refuses a key whose id or secret is another', async () => {
    const [one, other] = [await create('rooms:write'), await create('rooms:write')];
    const mixed = one.slice(0, 24) + other.slice(24);
    expect([await check(mixed), await check(`maru_sk_${'0'.repeat(16)}${one.slice(24)}`)]).toEqual([
      ...['unauthenticated', 'unauthenticated'],
    ]);
  });

  it('exchanges a key: both are good for the overlap, then the new one alone', async () => {
    const old = await create('rooms:write');
    const next = await command('rotate', idOf(old));
    expect(await check(old)).toMatchObject({ name: 'shop' });
    expect(await check(next)).toEqual({ id: idOf(next), name: 'shop', scopes: ['rooms:write'] });
    const last = await command('rotate', idOf(next), '--overlap-hours', '0');
    expect([await check(next), await check(last)]).toEqual([
      'unauthenticated',
      expect.objectContaining({ id: idOf(last) }),
    ]);
    expect(await command('list')).toMatch(new RegExp(`^${idOf(next)} .* ran out \\S+$`, 'm'));
  });

  it('revokes a key, once', async () => {
    const key = await create('rooms:write');
    await command('revoke', idOf(key));
    expect(await check(key)).toBe('unauthenticated');
    await expect(command('revoke', idOf(key))).rejects.toThrow(`no server key ${idOf(key)} that is good`);
    await expect(command('rotate', idOf(key))).rejects.toThrow('no server key');
  });

  it('says how it is used when it is used another way', async () => {
    const wrong = [['create', '--name', 'x'], ['create', '--scopes', 'rooms:write'], ['destroy'], []];
    for (const args of wrong) await expect(command(...args)).rejects.toThrow('Usage: server-keys create');
    await expect(create('rooms:read')).rejects.toThrow('No such scope: rooms:read');
  });
});

describe('sessions in the hands of a back end', () => {
  let key: string;
  beforeAll(async () => (key = await create('sessions:write')));
  const token = async (id: string) =>
    auth.call<{ accessToken: string }>('POST', `/api/server/users/${id}/tokens`, undefined, key);
  const end = (id: string) => auth.call('DELETE', `/api/server/users/${id}/sessions`, undefined, key);
  const codeOf = async (of: string) =>
    (await auth.call('GET', '/api/auth/sessions', undefined, of)).body.code;

  it('begin with a token for a user of its own, and end with all that he has', async () => {
    const id = randomUUID();
    users.activate(id, null);
    const { status, body } = await token(id);
    expect([status, await codeOf(body.accessToken)]).toEqual([201, undefined]);
    expect(await end(id)).toMatchObject({ status: 200, body: { userId: id } });
    await until(async () => (await codeOf(body.accessToken)) === 'session_ended');
    await until(() => told(id).length > 0);
    expect(told(id)).toMatchObject([{ type: 'sessions.revoked', reason: 'by_server' }]);
  });

  it('end for a user with an account too, who gets no token that way', async () => {
    const { userId, email } = await addAccount(auth, users);
    const logIn = { email, password: 'correct horse' };
    const { body } = await auth.call<{ accessToken: string; refreshToken: string }>(
      'POST',
      '/api/auth/login',
      logIn,
    );
    expect(await token(userId)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await end(userId);
    const { refreshToken } = body;
    expect((await auth.call('POST', '/api/auth/refresh', { refreshToken })).status).toBe(401);
    await until(async () => (await codeOf(body.accessToken)) === 'session_ended');
  });

  it('are nobody’s who is not there, nor the system’s', async () => {
    const none = { status: 404, body: { code: 'user_not_found' } };
    for (const id of [randomUUID(), systemUserId]) {
      expect(await token(id)).toMatchObject(none);
      expect(await end(id)).toMatchObject(none);
    }
  });
});
