import { RestError } from '../support/rest';
import type { Maru } from '../support/maru';
import { until } from '../support/until';
import { newUser, type TestUser } from '../support/user';
import { sessionOf } from './cast';
import { everywhere, openSocket, verdicts } from './token-probe';

type Ending = [how: string, end: (maru: Maru, user: TestUser) => Promise<unknown>];

const endings: Ending[] = [
  ['by its log-out', (maru, { token, refreshToken }) => maru.rest().logOut(token, refreshToken)],
  [
    'by its user from another session',
    async (maru, { email, password, token }) => {
      const other = await maru.rest().logIn(email, password);
      const path = `/auth/sessions/${sessionOf(token)}`;
      await maru.rest().get('DELETE', path, other.accessToken);
    },
  ],
  [
    'by a change of the password',
    async (maru, { email, password }) => {
      const other = await maru.rest().logIn(email, password);
      const body = { currentPassword: password, newPassword: crypto.randomUUID() };
      await maru.rest().get('POST', '/auth/password', other.accessToken, body);
    },
  ],
  [
    'by a refresh token that is used twice',
    async (maru, { refreshToken }) => {
      await maru.rest().refresh(refreshToken);
      const again = await maru
        .rest()
        .refresh(refreshToken)
        .catch((error: unknown) => error);
      expect(again).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    },
  ],
  ['by the end of its account', (maru, { token }) => maru.rest().get('DELETE', '/users/me', token)],
];

const over = async (maru: Maru, token: string): Promise<void> => {
  let seen: Record<string, string> = {};
  const all = everywhere(maru, 'session_ended');
  await until(
    () => `it is over everywhere: ${JSON.stringify(seen)}`,
    async () => JSON.stringify((seen = await verdicts(maru, token))) === JSON.stringify(all),
  );
};

/** Whatever ends a session: its tokens are good for nothing any more, anywhere, also where nobody ran yet. */
export function revocations(maru: () => Maru): void {
  it.each(endings)('%s: its token, its refresh token and its sockets end', async (_, end) => {
    const user = await newUser(maru().rest(), 'Ann');
    const sockets = maru().urls.map((url) => openSocket(url, user.token));
    const closings = sockets.map(
      (socket) => new Promise((resolve) => socket.once('closing', (body: unknown) => resolve(body))),
    );
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('ready', resolve))));
    expect(await verdicts(maru(), user.token)).toEqual(everywhere(maru(), 'taken'));
    await end(maru(), user);
    for (const closing of closings)
      expect(await closing).toEqual({ code: 'session_ended', reconnect: false });
    await over(maru(), user.token);
    const refresh = await maru()
      .rest()
      .refresh(user.refreshToken)
      .catch((error: unknown) => error);
    expect(refresh).toBeInstanceOf(RestError);
    expect(refresh).toMatchObject({ body: { code: 'refresh_token_invalid' } });
  });

  it('stays over for a gateway and a service that start later', async () => {
    const [ended, goesOn] = [await newUser(maru().rest(), 'Ann'), await newUser(maru().rest(), 'Bob')];
    const late = ['gateway-2', 'api-users'].map((name) => maru().processes.get(name));
    for (const process of late) await process?.stop();
    await maru().rest().logOut(ended.token, ended.refreshToken);
    for (const process of late) await process?.start();
    await maru().ready();
    await over(maru(), ended.token);
    expect(await verdicts(maru(), goesOn.token)).toEqual(everywhere(maru(), 'taken'));
  });

  it('does not come back by the newest refresh token, once an older one was used twice', async () => {
    const { refreshToken } = await newUser(maru().rest(), 'Ann');
    const second = await maru().rest().refresh(refreshToken);
    const third = await maru().rest().refresh(second.refreshToken);
    await maru()
      .rest()
      .refresh(refreshToken)
      .catch(() => undefined);
    const last = await maru()
      .rest()
      .refresh(third.refreshToken)
      .catch((error: unknown) => error);
    expect(last).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    await over(maru(), third.accessToken);
  });
}
