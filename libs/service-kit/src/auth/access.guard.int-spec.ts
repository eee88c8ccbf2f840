import { randomUUID } from 'node:crypto';
import { cloudEventHeaders, kafkaConfigFrom, kafkaConfig, ProducerService } from '@maru/kafka-client';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import { KeyServer, type TokenClaims } from '../testing/key-server';
import { type ProbeApp, startProbeApp } from '../testing/probe-app';

let keys: KeyServer;
let probe: ProbeApp;
const probes: ProbeApp[] = [];
let producer: ProducerService;
const sub = randomUUID();

beforeAll(async () => {
  producer = new ProducerService(kafkaConfigFrom(kafkaConfig.parse(process.env), 'access.guard.int-spec'));
  keys = await KeyServer.start();
  probe = await start(keys.url);
});
afterAll(async () => {
  for (const { app } of probes) await app.close();
  await producer.stop();
  await keys.stop();
});

async function start(authUrl: string): Promise<ProbeApp> {
  const started = await startProbeApp({ AUTH_URL: authUrl });
  probes.push(started);
  return started;
}

async function ask(token: string | undefined, url = probe.url): Promise<{ status: number; code?: string }> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/mine`, { headers });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, ...(code !== undefined && { code }) };
}
const token = (claims: TokenClaims = {}) => keys.sign({ sub, sid: randomUUID(), ...claims });
const tell = (type: string, value: string) =>
  producer.send({
    topic: 'auth.events',
    key: sub,
    value,
    headers: cloudEventHeaders({ type, source: '/test', id: randomUUID() }),
  });
const revoked = (sessionId: string) =>
  JSON.stringify({ userId: sub, sessionId, at: new Date().toISOString(), reason: 'by_user' });

describe('the guard', () => {
  it('lets a token of the key set in, and knows whose it is', async () => {
    const sid = randomUUID();
    const headers = { authorization: `bearer ${await token({ sid })}` };
    const response = await fetch(`${probe.url}/mine`, { headers });
    expect(await response.json()).toEqual({
      userId: sub,
      sessionId: sid,
      issuedAt: expect.any(Number) as number,
      expiresAt: expect.any(Number) as number,
    });
  });

  it('wants a token', async () => {
    const unauthenticated = { status: 401, code: 'unauthenticated' };
    for (const none of [undefined, '', 'a.b.c', 'a b', 'é']) expect(await ask(none)).toEqual(unauthenticated);
    const basic = await fetch(`${probe.url}/mine`, { headers: { authorization: 'Basic YTpi' } });
    expect(basic.headers.get('www-authenticate')).toBe('Bearer');
    expect(((await basic.json()) as { code: string }).code).toBe('unauthenticated');
  });

  it('refuses what api-auth has not signed for this use', async () => {
    const stranger = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const otherAlgorithm = await generateKeyPair('ES256');
    const unsigned = new UnsecuredJWT({ sid: randomUUID() }).setSubject(sub).setIssuer('maru').encode();
    const [header, , signature] = (await token()).split('.');
    const claims = { sub: randomUUID(), sid: randomUUID(), iss: 'maru', aud: 'maru', exp: 9_999_999_999 };
    const forged = [
      await keys.sign({ sub, sid: randomUUID() }, stranger.privateKey),
      await keys.sign({ sub, sid: randomUUID() }, otherAlgorithm.privateKey, 'ES256'),
      unsigned,
      `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`,
      await token({ iss: 'somebody else' }),
      await token({ aud: 'something else' }),
      await token({ typ: 'JWT' }),
      await token({ sub: 'no id' }),
      await token({ sid: 'no id' }),
    ];
    for (const wrong of forged) expect(await ask(wrong)).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('says when a token has run out', async () => {
    expect(await ask(await token({ expiresIn: -10 }))).toEqual({ status: 401, code: 'token_expired' });
  });

  it('keeps a session out that was ended before the process started, or is ended now', async () => {
    const [before, now, other] = [randomUUID(), randomUUID(), randomUUID()];
    await tell('session.revoked', revoked(before));
    const later = await start(keys.url);
    const ended = { status: 401, code: 'session_ended' };
    expect(await ask(await token({ sid: before }), later.url)).toEqual(ended);
    expect(await ask(await token({ sid: now }), later.url)).toEqual({ status: 200 });
    await tell('session.revoked', 'no JSON');
    await tell('session.revoked', '{"userId":1}');
    await tell(
      'session.ended',
      JSON.stringify({ userId: sub, sessionId: now, at: new Date().toISOString() }),
    );
    const deadline = Date.now() + 5000;
    while ((await ask(await token({ sid: now }), later.url)).status !== 401 && Date.now() < deadline);
    expect(await ask(await token({ sid: now }), later.url)).toEqual(ended);
    expect(await ask(await token({ sid: other }), later.url)).toEqual({ status: 200 });
  });

  it('is unavailable, which may pass, while no key set can be had', async () => {
    const alone = await start('http://127.0.0.1:2');
    expect(await ask(await token(), alone.url)).toEqual({ status: 503, code: 'unavailable' });
  });
});
