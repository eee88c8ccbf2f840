import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ErrorCode } from '@maru/contracts';
import type { Maru } from '../support/maru';
import { newUser, type TestUser } from '../support/user';
import { sessionOf } from './cast';
import { Forger, type Forgery, strangersKey } from './forger';
import { everywhere, openSocket, verdicts } from './token-probe';

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** What is wrong with it, how it is made, and what is said of it everywhere. */
type Case = [what: string, forgery: () => Forgery | Promise<Forgery>, verdict: ErrorCode | 'taken'];

const claims: Case[] = [
  ['nothing', () => ({}), 'taken'],
  ['another issuer', () => ({ claims: { iss: 'somebody' } }), 'unauthenticated'],
  ['no issuer', () => ({ claims: { iss: undefined } }), 'unauthenticated'],
  ['another audience', () => ({ claims: { aud: 'another' } }), 'unauthenticated'],
  ['no audience', () => ({ claims: { aud: undefined } }), 'unauthenticated'],
  ['the type of another token', () => ({ header: { typ: 'JWT' } }), 'unauthenticated'],
  ['no type', () => ({ header: { typ: undefined } }), 'unauthenticated'],
  ['no user', () => ({ claims: { sub: undefined } }), 'unauthenticated'],
  ['a user that is no id', () => ({ claims: { sub: 'me' } }), 'unauthenticated'],
  ['no session', () => ({ claims: { sid: undefined } }), 'unauthenticated'],
  ['no end', () => ({ claims: { exp: undefined } }), 'unauthenticated'],
  ['an end a minute ago', () => ({ claims: { exp: inSeconds(-60) } }), 'token_expired'],
  ['an end a second ago', () => ({ claims: { exp: inSeconds(-1) } }), 'taken'],
  ['a beginning two minutes ahead', () => ({ claims: { nbf: inSeconds(120) } }), 'unauthenticated'],
  ['a beginning a second ahead', () => ({ claims: { nbf: inSeconds(1) } }), 'taken'],
  ['a key id that nobody knows', () => ({ header: { kid: 'unknown' } }), 'unauthenticated'],
];

const keys: Case[] = [
  ["a stranger's Ed25519 key", async () => ({ key: (await strangersKey('ed25519')).key }), 'unauthenticated'],
  [
    "a stranger's key that it brings along",
    async () => {
      const { key, jwk } = await strangersKey('ed25519');
      return { key, header: { jwk } };
    },
    'unauthenticated',
  ],
  ['ES256', async () => ({ key: (await strangersKey('ec')).key, alg: 'ES256' }), 'unauthenticated'],
  ['RS256', async () => ({ key: (await strangersKey('rsa')).key, alg: 'RS256' }), 'unauthenticated'],
];

/** Forged tokens at every service and gateway: none is taken, and each is refused by code. */
export function forgedTokens(maru: () => Maru): void {
  let user: TestUser;
  let forger: Forger;
  beforeAll(async () => {
    user = await newUser(maru().rest(), 'Ann');
    forger = await Forger.of(maru(), { sub: user.id, sid: sessionOf(user.token) });
  });

  it.each(claims)('with %s wrong', async (_, forgery, verdict) => {
    const token = await forger.sign(await forgery());
    expect(await verdicts(maru(), token)).toEqual(everywhere(maru(), verdict));
  });

  it.each(keys)('signed by %s', async (_, forgery, verdict) => {
    const token = await forger.sign(await forgery());
    expect(await verdicts(maru(), token)).toEqual(everywhere(maru(), verdict));
  });

  it.each(['none', 'None', 'NONE', 'EdDSA'])('not signed at all, with alg %s', async (alg) => {
    const verdict = await verdicts(maru(), forger.unsigned(alg));
    expect(verdict).toEqual(everywhere(maru(), 'unauthenticated'));
  });

  it('signed by HS256 with the public key as its secret', async () => {
    for (const [form, key] of Object.entries(await forger.publicForms())) {
      const token = await forger.sign({ key, alg: 'HS256' });
      const verdict = await verdicts(maru(), token);
      expect({ form, verdict }).toEqual({ form, verdict: everywhere(maru(), 'unauthenticated') });
    }
  });

  it('that names an address to fetch its key from: nobody goes there', async () => {
    const { key, jwk } = await strangersKey('ed25519');
    const server = await keySetAt({ keys: [{ ...jwk, kid: 'mine', alg: 'EdDSA', use: 'sig' }] });
    try {
      for (const name of ['jku', 'x5u']) {
        const token = await forger.sign({ key, header: { kid: 'mine', [name]: server.url } });
        expect(await verdicts(maru(), token)).toEqual(everywhere(maru(), 'unauthenticated'));
      }
      expect(server.asked()).toBe(0);
    } finally {
      server.close();
    }
  });

  it('that was changed, cut or is no access token', async () => {
    const [header = '', payload = '', signature = ''] = user.token.split('.');
    const other = {
      ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object),
      sub: crypto.randomUUID(),
    };
    const changed = Buffer.from(JSON.stringify(other)).toString('base64url');
    const wrong = [
      `${header}.${changed}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      `${header}.${payload}.${signature}.${signature}`,
      user.refreshToken,
      user.id,
    ];
    for (const token of wrong)
      expect({ token, verdict: await verdicts(maru(), token) }).toEqual({
        token,
        verdict: everywhere(maru(), 'unauthenticated'),
      });
  });

  it('is no refresh token either, whole or in part', async () => {
    const refresh = (refreshToken: string) =>
      maru().rest().ask('POST', '/auth/refresh', undefined, { refreshToken });
    expect(await refresh(user.token)).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    for (const part of [user.token.slice(0, 256), user.token.split('.')[2] ?? '', user.id])
      expect(await refresh(part)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
  });

  it('does not renew a connection, which goes on with the token it has', async () => {
    const socket = openSocket(maru().urls[0] ?? '', user.token);
    try {
      await new Promise((resolve) => socket.once('ready', resolve));
      const forgeries = [
        { claims: { exp: inSeconds(-60) } },
        { claims: { aud: 'another' } },
        { key: (await strangersKey('ed25519')).key },
      ];
      const acks: unknown[] = [];
      for (const forgery of forgeries)
        acks.push(
          await socket.timeout(5000).emitWithAck('authenticate', { token: await forger.sign(forgery) }),
        );
      expect(acks).toMatchObject([
        { ok: false, error: { code: 'token_expired' } },
        { ok: false, error: { code: 'unauthenticated' } },
        { ok: false, error: { code: 'unauthenticated' } },
      ]);
      expect(socket.connected).toBe(true);
    } finally {
      socket.disconnect();
    }
  });
}

/** Serves a key set and counts who asks for it. */
async function keySetAt(keySet: object): Promise<{ url: string; asked: () => number; close: () => void }> {
  let asked = 0;
  const server: Server = createServer((_, response) => {
    asked++;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(keySet));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/keys`, asked: () => asked, close: () => server.close() };
}
