import { randomUUID } from 'node:crypto';
import { type RequestReply, requestContracts } from '@maru/contracts';
import { RequestClient } from '@maru/kafka-client';
import { decodeJwt } from 'jose';
import { addAccount, listen, logIn, until } from '../testing/accounts';
import { AuthApp } from '../testing/auth-app';
import { UsersStandIn } from '../testing/users-stand-in';

describe('a log-out that is asked over Kafka', () => {
  let users: UsersStandIn;
  let auth: AuthApp;
  beforeAll(async () => {
    users = await UsersStandIn.start();
    auth = await AuthApp.start({ USERS_URL: users.url });
  });
  afterAll(async () => {
    await auth.stop();
    await users.stop();
  });

  const logOut = (userId: string, sessionId: string) =>
    auth.app.get(RequestClient).request<RequestReply>({
      topic: requestContracts.logOut.topic,
      key: userId,
      type: 'logOut',
      value: JSON.stringify({ asker: { userId, sessionId }, command: { id: 'x', type: 'logOut' } }),
    });

  it('ends the session that asks as its own log-out, once, and none of another user', async () => {
    const told = await listen(auth, 'auth.events');
    const account = await addAccount(auth, users);
    const { accessToken, refreshToken } = (await logIn(auth, account)).body;
    const sessionId = String(decodeJwt(accessToken)['sid']);
    const refused = { ok: false, error: { code: 'session_ended', retryable: false } };
    expect(await logOut(randomUUID(), sessionId)).toMatchObject(refused);
    expect(await logOut(account.userId, sessionId)).toEqual({ ok: true, answer: { id: sessionId } });
    expect(await logOut(account.userId, sessionId)).toMatchObject(refused);
    const renewed = await auth.call('POST', '/api/auth/refresh', { refreshToken });
    expect([renewed.status, renewed.body.code]).toEqual([401, 'refresh_token_invalid']);
    await until(() => told(account.userId).length === 2);
    expect(told(account.userId).map(({ type }) => type)).toEqual(['session.started', 'session.ended']);
  });
});
