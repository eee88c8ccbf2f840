import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ForeignUser } from '@maru/contracts';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { v5 } from 'uuid';
import { KeyServer } from '../testing/key-server';
import { Issuer } from '../testing/issuer';
import { type ProbeApp, startProbeApp } from '../testing/probe-app';

/** As docs/integrate.md tells other programs to compute them. */
const idOf = (issuer: string, subject: string): string =>
  v5(JSON.stringify([issuer, subject]), '6f2d1c0a-8f0b-5e0e-9b53-3d6a2f1f7c11');

let issuer: Issuer;
let signing: Awaited<ReturnType<Issuer['addKey']>>;
let own: KeyServer;
let users: Server;
/** What api-users was told. */
const told: ForeignUser[] = [];
let refuse: { status: number; code: string } | undefined;
let probe: ProbeApp;
const probes: ProbeApp[] = [];

beforeAll(async () => {
  own = await KeyServer.start();
  issuer = await Issuer.start();
  signing = await issuer.addKey('one');
  users = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      told.push(JSON.parse(body) as ForeignUser);
      response.writeHead(refuse?.status ?? 200).end(JSON.stringify(refuse ?? {}));
    });
  });
  await new Promise<void>((resolve) => users.listen(0, '127.0.0.1', resolve));
  probe = await start({ jwks: `${issuer.url}/jwks.json` });
});
beforeEach(() => {
  told.length = 0;
  refuse = undefined;
});
afterAll(async () => {
  for (const { app } of probes) await app.close();
  await issuer.stop();
  await own.stop();
  users.closeAllConnections();
  await new Promise((resolve) => users.close(resolve));
});

async function start(config: object): Promise<ProbeApp> {
  const AUTH_ISSUERS = JSON.stringify([{ issuer: issuer.url, audience: 'shop', ...config }]);
  const USERS_URL = `http://127.0.0.1:${(users.address() as AddressInfo).port}`;
  const started = await startProbeApp({ AUTH_ISSUERS, USERS_URL, AUTH_URL: own.url });
  probes.push(started);
  return started;
}

type Seen = { status: number; code?: string; userId?: string; sessionId?: string; expiresAt?: number };
async function ask(token: string, url = probe.url): Promise<Seen> {
  const response = await fetch(`${url}/mine`, { headers: { authorization: `Bearer ${token}` } });
  const { code, userId, sessionId, expiresAt } = (await response.json()) as Omit<Seen, 'status'>;
  if (code !== undefined) return { status: response.status, code };
  return {
    status: response.status,
    userId: userId ?? '',
    sessionId: sessionId ?? '',
    expiresAt: expiresAt ?? 0,
  };
}
const refused = { status: 401, code: 'unauthenticated' };
const now = () => Math.floor(Date.now() / 1000);

describe('a token of another issuer', () => {
  it('is taken: its user is the same one everywhere, and is made at his first use alone', async () => {
    const picture = 'https://example.com/ann.png';
    const token = await issuer.sign(signing, { sub: 'ann', picture });
    const id = idOf(issuer.url, 'ann');
    const answers = await Promise.all([ask(token), ask(token), ask(token)]);
    expect(answers).toEqual(Array(3).fill(expect.objectContaining({ status: 200, userId: id })));
    expect(told).toEqual([
      {
        id,
        issuer: issuer.url,
        externalId: 'ann',
        name: 'Ann',
        picture,
        claimedAt: expect.any(Number) as number,
      },
    ]);
  });

  it('has a session: of its sid, of its jti, else of when it was issued', async () => {
    const session = async (claims: Record<string, unknown>) =>
      (await ask(await issuer.sign(signing, claims))).sessionId;
    const iat = now() - 10;
    expect(await session({ sid: 's' })).toBe(await session({ sid: 's', jti: 'other', iat }));
    expect(await session({ jti: 'j' })).toBe(await session({ jti: 'j', iat }));
    expect(await session({ iat })).toBe(await session({ iat }));
    const all = [{ sid: 's' }, { sid: 't' }, { jti: 's' }, { iat }, { iat, sub: 'bob' }, { iat: iat - 1 }];
    expect(new Set(await Promise.all(all.map(session))).size).toBe(all.length);
  });

  it.each([
    ['another audience', { aud: 'another' }, 'unauthenticated'],
    ['no audience', { aud: undefined }, 'unauthenticated'],
    ['another issuer', { iss: 'https://example.com' }, 'unauthenticated'],
    ["Maru's own issuer", { iss: 'maru', aud: 'maru' }, 'unauthenticated'],
    ['no subject', { sub: undefined }, 'unauthenticated'],
    ['too long a subject', { sub: 'x'.repeat(256) }, 'unauthenticated'],
    ['no end', { exp: undefined }, 'unauthenticated'],
    ['no beginning', { iat: undefined }, 'unauthenticated'],
    ['an end a minute ago', { exp: now() - 60 }, 'token_expired'],
    ['more than a day since it was issued', { iat: now() - 90_000, exp: now() + 600 }, 'token_expired'],
    ['a beginning in two minutes', { nbf: now() + 120 }, 'unauthenticated'],
    ['an issue in two minutes', { iat: now() + 120 }, 'unauthenticated'],
  ])('is refused with %s', async (_, claims, code) => {
    expect(await ask(await issuer.sign(signing, claims))).toEqual({ status: 401, code });
    expect(told).toEqual([]);
  });

  it('is refused when it is signed by another key, by a secret, or not at all', async () => {
    const stranger = await generateKeyPair('RS256');
    const claims = { iss: issuer.url, aud: 'shop', sub: 'ann', iat: now(), exp: now() + 600 };
    const secrets = [
      Buffer.from(JSON.stringify(issuer.keys[0])),
      Buffer.from(issuer.keys[0]?.n ?? '', 'base64url'),
    ];
    const forged = [
      await issuer.sign({ ...signing, privateKey: stranger.privateKey }),
      await issuer.sign({ ...signing, kid: 'unknown' }),
      new UnsecuredJWT(claims).encode(),
      ...(await Promise.all(
        secrets.map((secret) =>
          new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret),
        ),
      )),
    ];
    for (const token of forged) expect(await ask(token)).toEqual(refused);
  });

  it('shows a name that Maru can show, whatever is claimed', async () => {
    const names: [claimed: unknown, name: string | null][] = [
      ['  Bo\u202eb\n ', 'Bo b'],
      ['x'.repeat(100), 'x'.repeat(64)],
      ['', null],
      [7, null],
    ];
    for (const [name] of names)
      await ask(await issuer.sign(signing, { sub: JSON.stringify(name), name, picture: 'javascript:1' }));
    expect(told.map(({ name, picture }) => [name, picture])).toEqual(names.map(([, name]) => [name, null]));
  });

  it('of a user who was deleted is refused each time', async () => {
    refuse = refused;
    const token = await issuer.sign(signing, { sub: 'gone' });
    expect([await ask(token), await ask(token)]).toEqual([refused, refused]);
    expect(told.length).toBe(2);
  });

  it('waits when its user cannot be made', async () => {
    refuse = { status: 503, code: 'unavailable' };
    const token = await issuer.sign(signing, { sub: 'waiting' });
    expect(await ask(token)).toEqual({ status: 503, code: 'unavailable' });
    refuse = undefined;
    expect(await ask(token)).toMatchObject({ status: 200 });
  });
});

describe('the keys of another issuer', () => {
  it('are fetched once, and again for a new one, but not for each that is unknown', async () => {
    const { url } = await start({ jwks: issuer.url });
    const asked = issuer.asked;
    for (let n = 0; n < 5; n++) await ask(await issuer.sign(signing), url);
    for (let n = 0; n < 5; n++) await ask(await issuer.sign({ ...signing, kid: `unknown-${n}` }), url);
    expect(issuer.asked - asked).toBe(1);
  });

  it.each(['mute', 'broken'] as const)('are %s: that may pass, and no crowd asks', async (state) => {
    const { url } = await start({ jwks: issuer.url });
    const asked = issuer.asked;
    issuer.state = state;
    const token = await issuer.sign(signing);
    const answers = await Promise.all([ask(token, url), ask(token, url)]);
    answers.push(await ask(token, url));
    issuer.state = 'up';
    expect(answers).toEqual(Array(3).fill({ status: 503, code: 'unavailable' }));
    expect(issuer.asked - asked).toBe(1);
  });

  it('may be one public key, of one algorithm', async () => {
    const { url } = await start({ key: issuer.keys[0], algorithms: ['RS256'] });
    expect(await ask(await issuer.sign(signing), url)).toMatchObject({ status: 200 });
    const other = await issuer.addKey('two', 'ES256');
    expect(await ask(await issuer.sign(other), url)).toEqual(refused);
  });

  it('may be one public key without an id, for tokens that name one', async () => {
    const jwk = issuer.keys[0] as JsonWebKey;
    const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const { url } = await start({ key });
    expect(await ask(await issuer.sign(signing), url)).toMatchObject({ status: 200 });
    const other = await issuer.addKey('three', 'ES256');
    expect(await ask(await issuer.sign(other), url)).toEqual(refused);
  });

  it('may be a secret, when that was said', async () => {
    const secret = 'the secret that both sides have to know';
    const { url } = await start({ secret });
    const sign = (key: string) =>
      new SignJWT({ iss: issuer.url, aud: 'shop', sub: 'ann', iat: now(), exp: now() + 60 })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(key));
    expect(await ask(await sign(secret), url)).toMatchObject({ status: 200 });
    expect(await ask(await sign('another secret that nobody knows here'), url)).toEqual(refused);
    expect(await ask(await issuer.sign(signing), url)).toEqual(refused);
    expect(probes.at(-1)?.lines.join('')).not.toContain(secret);
  });
});
