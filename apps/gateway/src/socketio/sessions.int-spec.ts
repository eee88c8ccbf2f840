import { randomUUID } from 'node:crypto';
import { topics } from '@maru/contracts';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import { TestClient } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('who may connect, and for how long', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start()));
  afterAll(() => rig.stop());

  const clients: TestClient[] = [];
  const connect = (token: unknown, auth: object = {}): TestClient => {
    const client = new TestClient(rig.url, token as string, { auth });
    clients.push(client);
    return client;
  };
  afterEach(() => clients.splice(0).forEach((client) => client.close()));

  const refusal = (client: TestClient): Promise<{ code: string; retryable: boolean }> =>
    new Promise((resolve) => {
      client.socket.on('connect_error', (error) =>
        resolve((error as Error & { data: { code: string; retryable: boolean } }).data),
      );
    });

  async function endSession(userId: string, sessionId: string): Promise<void> {
    await rig.app.get(ProducerService).send({
      topic: topics.authEvents,
      key: userId,
      value: JSON.stringify({ userId, sessionId, at: new Date().toISOString() }),
      headers: cloudEventHeaders({ type: 'session.ended', source: '/test', id: randomUUID() }),
    });
  }

  it.each([
    ['no token', undefined, {}, 'unauthenticated'],
    ['an empty token', '', {}, 'unauthenticated'],
    ['a token that is no string', 5, {}, 'unauthenticated'],
    ['a token of nobody', 'abc.def.ghi', {}, 'unauthenticated'],
    ['a resume that is none', 'abc', { resume: { room: 'x' } }, 'bad_request'],
  ])('refuses %s before the socket is accepted', async (_, token, auth, code) => {
    expect(await refusal(connect(token, auth))).toMatchObject({ code, retryable: false });
  });

  it('refuses a token that has run out', async () => {
    const token = await rig.services.token(randomUUID(), { seconds: -60 });
    expect(await refusal(connect(token))).toMatchObject({ code: 'token_expired' });
  });

  it('closes a connection when its token runs out', async () => {
    const client = connect(await rig.services.token(randomUUID(), { seconds: 4 }));
    await client.ready();
    await client.until(() => client.socket.disconnected);
    expect(client.heard.at(-1)).toEqual({
      name: 'closing',
      body: { code: 'token_expired', reconnect: false },
    });
  });

  it('goes on with a newer token of the same user, and takes no other', async () => {
    const userId = randomUUID();
    const client = connect(await rig.services.token(userId, { seconds: 6 }));
    await client.ready();
    const foreign = await client.ask('authenticate', { token: await rig.services.token(randomUUID()) });
    expect(foreign).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    expect(await client.ask('authenticate', { token: 'nonsense' })).toMatchObject({
      ok: false,
      error: { code: 'unauthenticated' },
    });
    const ack = await client.ask('authenticate', { token: await rig.services.token(userId) });
    expect(ack).toEqual({ ok: true, expiresAt: expect.stringMatching(/^20.*Z$/) as string });
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(client.socket.connected).toBe(true);
  });

  it("closes a session's own connections when it ends, and lets none in again", async () => {
    const [userId, ended, other] = [randomUUID(), randomUUID(), randomUUID()];
    const token = await rig.services.token(userId, { sessionId: ended });
    const client = connect(token);
    const stays = connect(await rig.services.token(userId, { sessionId: other }));
    await Promise.all([client.ready(), stays.ready()]);
    await endSession(userId, ended);
    await client.until(() => client.socket.disconnected);
    expect(client.heard.at(-1)).toEqual({
      name: 'closing',
      body: { code: 'session_ended', reconnect: false },
    });
    expect(await refusal(connect(token))).toMatchObject({ code: 'session_ended' });
    expect(stays.socket.connected).toBe(true);
  });
});
