import { randomUUID } from 'node:crypto';
import type { Me } from '@maru/contracts';
import { SignJWT } from 'jose';
import { AccountServices, until } from '../testing/account-services';
import { ToldUsers } from '../testing/told-users';

const issuer = 'https://id.example.com/';
const secret = randomUUID() + randomUUID();

/** `later`: seconds from now at which it is issued. */
function sign(sub: string, { later = 0, ...claims }: Record<string, unknown> & { later?: number } = {}) {
  const iat = Math.floor(Date.now() / 1000) + later;
  return new SignJWT({ iss: issuer, aud: 'chat', sub, iat, exp: iat + 600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret));
}

describe('a user of another issuer', () => {
  let services: AccountServices;
  let told: ToldUsers;
  beforeAll(async () => {
    const AUTH_ISSUERS = JSON.stringify([{ issuer, audience: 'chat', secret }]);
    services = await AccountServices.start({ AUTH_ISSUERS });
    told = new ToldUsers();
    await told.start();
  });
  afterAll(async () => {
    await services.stop();
    await told.stop();
  });

  const me = async (token: string) =>
    (await services.call<Me>('GET', '/api/users/me', undefined, token)).body;
  /** At another process, which knows of nobody yet. */
  const useElsewhere = (token: string) => services.call('GET', '/api/auth/sessions', undefined, token);
  const toldOf = (id: string) => told.of(id).map(({ type, version }) => `${type} ${version}`);

  it('appears at his first use, once, with name and picture and without e-mail', async () => {
    const picture = 'https://example.com/ann.png';
    const token = await sign('ann', { name: 'Ann', picture });
    const both = await Promise.all([useElsewhere(token), me(token), useElsewhere(token)]);
    expect(both.map((answer) => ('status' in answer ? answer.status : answer.name))).toEqual([
      200,
      'Ann',
      200,
    ]);
    const { id, ...rest } = await me(token);
    expect(rest).toMatchObject({ name: 'Ann', picture, email: null, statusMessage: '' });
    await until(() => toldOf(id).length > 0);
    expect(told.of(id)).toMatchObject([{ type: 'user.created', version: 1, name: 'Ann', picture }]);
    expect(told.text).not.toContain('"ann"');
  });

  it('is named by how his id begins when no claim names him', async () => {
    const { id, name } = await me(await sign(randomUUID()));
    expect(name).toBe(`user-${id.slice(0, 8)}`);
  });

  it('follows the claims of newer tokens, and not those of older ones', async () => {
    const sub = randomUUID();
    const { id } = await me(await sign(sub, { name: 'Bob', later: -10 }));
    await useElsewhere(await sign(sub, { name: 'Old', later: -20 }));
    const old = await sign(sub, { name: 'Bob', later: -10 });
    expect((await me(old)).name).toBe('Bob');
    const other = randomUUID();
    const before = await me(await sign(other, { name: 'Cyd', picture: 'https://example.com/c', later: -10 }));
    await useElsewhere(await sign(other, { name: 'Cydney' }));
    const after = await me(await sign(other, { name: 'Cydney' }));
    expect([after.id, after.name, after.picture]).toEqual([before.id, 'Cydney', undefined]);
    await until(() => toldOf(after.id).length > 1);
    expect(toldOf(after.id)).toEqual(['user.created 1', 'user.updated 2']);
    expect(toldOf(id)).toEqual(['user.created 1']);
  });

  it('keeps the name that he has given himself until the claim changes', async () => {
    const sub = randomUUID();
    const token = await sign(sub, { name: 'Dan', later: -10 });
    await me(token);
    await services.call('PATCH', '/api/users/me', { name: 'Danny' }, token);
    await useElsewhere(await sign(sub, { name: 'Dan' }));
    expect((await me(token)).name).toBe('Danny');
  });

  it('is out once he is deleted, and no token brings him back', async () => {
    const sub = randomUUID();
    const token = await sign(sub, { name: 'Eve' });
    const { id } = await me(token);
    await services.call('DELETE', '/api/users/me', undefined, token);
    const codeOf = async (of: string) =>
      (await services.call('GET', '/api/users/me', undefined, of)).body.code;
    await until(async () => (await codeOf(token)) === 'session_ended');
    const later = await sign(sub, { name: 'Eve', later: 3 });
    await until(async () => (await codeOf(later)) === 'unauthenticated');
    expect(toldOf(id)).toEqual(['user.created 1', 'user.deleted 2']);
  });

  it('has no password and no log-in here', async () => {
    const token = await sign(randomUUID());
    const body = { currentPassword: 'correct horse', newPassword: 'battery staple' };
    expect(await services.call('POST', '/api/auth/password', body, token)).toMatchObject({
      ...{ status: 401, body: { code: 'invalid_credentials' } },
    });
    expect((await services.call('GET', '/api/auth/sessions', undefined, token)).body).toEqual({ items: [] });
  });
});
