import type { LoggedIn } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { addAccount, logIn } from '../testing/accounts';
import { AuthApp, freshDatabaseUrl } from '../testing/auth-app';
import { UsersStandIn } from '../testing/users-stand-in';
import { KeysRepository } from './keys.repository';

let users: UsersStandIn;
const apps: AuthApp[] = [];

async function start(settings: NodeJS.ProcessEnv): Promise<AuthApp> {
  const app = await AuthApp.start({ USERS_URL: users.url, ...settings });
  apps.push(app);
  return app;
}
const keySetOf = async (auth: AuthApp): Promise<JSONWebKeySet> =>
  (await auth.call<JSONWebKeySet>('GET', '/api/auth/.well-known/jwks.json')).body;

beforeAll(async () => {
  users = await UsersStandIn.start();
});
afterAll(async () => {
  await Promise.all(apps.map((app) => app.stop()));
  await users.stop();
});

describe('the key set', () => {
  it('is one for all instances, though they start at once, and outlives them', async () => {
    const DATABASE_URL = freshDatabaseUrl();
    const [one, other] = await Promise.all([start({ DATABASE_URL }), start({ DATABASE_URL })]);
    const keySet = await keySetOf(one);
    expect(keySet.keys).toHaveLength(1);
    expect(await keySetOf(other)).toEqual(keySet);
    expect(await keySetOf(await start({ DATABASE_URL }))).toEqual(keySet);
  });

  it('is not made twice by one whose transaction began before the first key was made', async () => {
    const { app } = await start({});
    const [keys, store] = [app.get(KeysRepository), app.get<Kysely<never>>(STORE)];
    await store.transaction().execute(async (trx) => {
      await sql`delete from signing_keys`.execute(store);
      const before = await keys.list(trx);
      await keys.alone((other) => keys.add(other, 'first', { kty: 'OKP', crv: 'Ed25519', x: '', d: '' }));
      expect([before, await keys.list(trx)]).toEqual([
        [],
        [expect.objectContaining({ kid: 'first', signs: true })],
      ]);
    });
  });

  it('shows public halves only, and verifies access tokens by itself', async () => {
    const auth = await start({ TOKEN_ISSUER: 'an issuer', TOKEN_AUDIENCE: 'an audience' });
    const account = await addAccount(auth, users);
    const { accessToken }: LoggedIn = (await logIn(auth, account)).body;
    const keySet = await keySetOf(auth);
    expect(keySet.keys.map((key) => Object.keys(key).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    ]);
    const rules = { issuer: 'an issuer', audience: 'an audience', typ: 'at+jwt', algorithms: ['EdDSA'] };
    const { payload } = await jwtVerify(accessToken, createLocalJWKSet(keySet), rules);
    expect(payload).toMatchObject({ sub: account.userId, sid: expect.any(String) as string });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
    expect(decodeProtectedHeader(accessToken).kid).toBe(keySet.keys[0]?.kid);
  });
});
