import { type ErrorBody, type PublicUser, type Room, routes, serverScopes } from '@maru/contracts';
import { everywhere, verdicts } from '../security/token-probe';
import type { Maru } from '../support/maru';
import { newServerKey, serverKeys } from '../support/server-key';
import { until } from '../support/until';
import { newUser } from '../support/user';

const ofServer = routes.filter(({ access }) => access === 'server');
const idOf = (key: string): string => key.split('_')[2] ?? '';

/** Each route with the one scope that it needs, with all others, and with what is no key. */
export function serverKeyRules(maru: () => Maru): void {
  let all: string;
  let room: string;
  let user: string;
  beforeAll(async () => {
    all = await newServerKey(maru(), serverScopes);
    const rest = maru().rest();
    user = (await rest.get<PublicUser>('PUT', '/server/users/rules', all, { name: 'Ann' })).id;
    const body = { name: 'Rules', visibility: 'private', memberIds: [user] };
    room = (await rest.get<Room>('POST', '/server/rooms', all, body)).id;
  });

  const bodies: Record<string, () => object> = {
    '/api/server/users/{externalId}': () => ({ name: 'Ann' }),
    '/api/server/rooms': () => ({ name: 'Another', visibility: 'public' }),
    '/api/server/rooms/{id}': () => ({ retentionDays: 30 }),
    '/api/server/rooms/{id}/members': () => ({ userId: user }),
    '/api/server/rooms/{id}/messages': () => ({ text: 'hello' }),
  };
  const ask = async ({ method, path }: (typeof ofServer)[number], key: string | undefined) => {
    const id = path.includes('/rooms/') ? room : user;
    const at = path.replace('/api', '').replace('{id}', id).replace('{externalId}', 'rules');
    const { status, body } = await maru()
      .rest()
      .ask<Partial<ErrorBody>>(method.toUpperCase(), at, key, bodies[path]?.());
    return status < 300 ? 'done' : body.code;
  };

  it.each(ofServer.map((route) => ({ ...route, route })))(
    '$method $path: with $scope alone, and not with all other scopes',
    async ({ route, scope = 'users:write' }) => {
      const [right, others] = [
        await newServerKey(maru(), [scope]),
        await newServerKey(
          maru(),
          serverScopes.filter((other) => other !== scope),
        ),
      ];
      expect([await ask(route, right), await ask(route, others)]).toEqual(['done', 'forbidden']);
    },
  );

  it('that is none does nothing anywhere: no key, another secret, a token of a user', async () => {
    const { token } = await newUser(maru().rest(), 'Ann');
    const other = await newServerKey(maru(), serverScopes);
    const mixed = `${all.split('_').slice(0, 3).join('_')}_${other.split('_').slice(3).join('_')}`;
    for (const route of ofServer)
      for (const key of [undefined, token, mixed, all.slice(0, -1)])
        expect({ path: route.path, key, verdict: await ask(route, key) }).toEqual({
          ...{ path: route.path, key, verdict: 'unauthenticated' },
        });
  });

  it('is no token: no service and no gateway takes it for a user’s', async () => {
    expect(await verdicts(maru(), all)).toEqual(everywhere(maru(), 'unauthenticated'));
  });

  it('is out within 30 s everywhere once it is revoked, while another goes on', async () => {
    const key = await newServerKey(maru(), serverScopes);
    for (const route of ofServer) expect(await ask(route, key)).toBe('done');
    await serverKeys(maru(), 'revoke', idOf(key));
    for (const route of ofServer)
      await until('it is refused', async () => (await ask(route, key)) === 'unauthenticated', 35_000);
    for (const route of ofServer) expect(await ask(route, all)).toBe('done');
  });
}
