import { io } from 'socket.io-client';
import { RestError } from '../support/rest';
import { until } from '../support/until';
import type { Scene } from './scene';

/** Promises about accounts and sessions. */
export function sessions(scene: () => Scene): void {
  it("closes a session's sockets on every gateway at log-out, and no other session's", async () => {
    const rest = scene().maru.rest();
    const ann = await scene().user('Ann');
    const other = { ...ann, token: (await rest.logIn(ann.email, ann.password)).accessToken };
    const [one, two] = [await scene().client(ann, 1), await scene().client(ann, 2)];
    const stays = await scene().client(other, 2);
    const roomId = await scene().room('public', ann);
    await rest.logOut(ann.token, ann.refreshToken);
    for (const client of [one, two]) {
      await until('the socket is closed', () => client.link.endings.includes('session_ended'));
    }
    expect((await stays.send(roomId, 'still here')).kind).toBe('acked');
    const refused = async (gateway: number) =>
      (await scene().maru.rest(gateway).ask<{ code: string }>('GET', '/rooms', ann.token)).body.code ===
      'session_ended';
    await until('gateway 1 refuses the token', () => refused(0));
    await until('gateway 2 refuses the token', () => refused(1));
  });

  it('refuses a refresh token used twice and ends its session', async () => {
    const rest = scene().maru.rest();
    const ann = await scene().user('Ann');
    const next = await rest.refresh(ann.refreshToken);
    const again = await rest.refresh(ann.refreshToken).catch((error: unknown) => error);
    expect(again).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    const ended = await rest.refresh(next.refreshToken).catch((error: unknown) => error);
    expect(ended).toBeInstanceOf(RestError);
  });

  it('refuses a socket without a token, or with a wrong one, by code', async () => {
    for (const auth of [{}, { token: 'x.y.z' }, { token: 7 }]) {
      const socket = io(scene().maru.urls[0] ?? '', {
        auth,
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
      });
      const error = await new Promise<Error & { data?: unknown }>((resolve) =>
        socket.on('connect_error', resolve),
      );
      socket.disconnect();
      expect(error.data).toMatchObject({ code: 'unauthenticated', retryable: false });
    }
  });

  it('knows when a user has last logged in and out', async () => {
    const rest = scene().maru.rest();
    const ann = await scene().user('Ann');
    const session = await rest.logIn(ann.email, ann.password);
    await rest.logOut(ann.token, ann.refreshToken);
    const me = () =>
      rest.get<{ lastLoginAt: string | null; lastLogoutAt: string | null }>(
        'GET',
        '/users/me',
        session.accessToken,
      );
    await until('both times are known', async () => {
      const { lastLoginAt, lastLogoutAt } = await me();
      return lastLoginAt !== null && lastLogoutAt !== null;
    });
  });

  it('never shows an e-mail to others, nor a password to anyone', async () => {
    const rest = scene().maru.rest();
    const [ann, bob] = [await scene().user('Ann'), await scene().user('Bob')];
    const seen = await rest.get<Record<string, unknown>>('GET', `/users/${ann.id}`, bob.token);
    expect(Object.keys(seen).sort()).toEqual(['createdAt', 'id', 'name', 'statusMessage']);
    const self = JSON.stringify(await rest.get('GET', '/users/me', ann.token));
    expect(self).not.toContain(ann.password);
    expect(self).not.toMatch(/argon2|hash/i);
  });
}
