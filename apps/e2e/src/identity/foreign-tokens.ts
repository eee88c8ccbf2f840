import type { Me } from '@maru/contracts';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import { everywhere, openSocket, verdicts } from '../security/token-probe';
import type { Issuer } from '../support/issuer';
import type { Maru } from '../support/maru';
import { until } from '../support/until';

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
/** Lets the session stand so that each token is told from the others by one thing alone. */
type Case = [what: string, claims: Record<string, unknown>, verdict: string];

const wrong: Case[] = [
  ['nothing', {}, 'taken'],
  ['another issuer', { iss: 'https://id.example.com' }, 'unauthenticated'],
  ["Maru's own issuer and audience", { iss: 'maru', aud: 'maru' }, 'unauthenticated'],
  ['another audience', { aud: 'maru' }, 'unauthenticated'],
  ['no subject', { sub: undefined }, 'unauthenticated'],
  ['an end a minute ago', { exp: inSeconds(-60) }, 'token_expired'],
  ['no end', { exp: undefined }, 'unauthenticated'],
  ['a beginning in ten minutes', { nbf: inSeconds(600) }, 'unauthenticated'],
];

/** Tokens of a product's own issuer at every service and gateway. */
export function foreignTokens(maru: () => Maru, issuer: () => Issuer): void {
  it.each(wrong)('with %s wrong', async (_, claims, verdict) => {
    expect(await verdicts(maru(), await issuer().sign(claims))).toEqual(everywhere(maru(), verdict));
  });

  it('of a wrong key or algorithm', async () => {
    const [other, elliptic] = [await generateKeyPair('RS256'), await generateKeyPair('ES256')];
    const claims = { iss: issuer().url, aud: 'shop', sub: 'ann', iat: inSeconds(0), exp: inSeconds(600) };
    const forged = [
      await issuer().sign({}, { key: other.privateKey }),
      await issuer().sign({}, { key: elliptic.privateKey, alg: 'ES256' }),
      await issuer().sign({}, { key: Buffer.from(issuer().url.repeat(2)), alg: 'HS256' }),
      new UnsecuredJWT(claims).encode(),
    ];
    for (const token of forged)
      expect(await verdicts(maru(), token)).toEqual(everywhere(maru(), 'unauthenticated'));
  });

  it('brings in a user who talks with others, without a sign-up', async () => {
    const rest = maru().rest();
    const [ann, bob] = await Promise.all(
      ['ann', 'bob'].map((sub) => issuer().sign({ sub: `talks-${sub}`, name: sub })),
    );
    const [annsId, bobsId] = await Promise.all(
      [ann, bob].map(async (token) => (await rest.get<Me>('GET', '/users/me', token)).id),
    );
    const socket = openSocket(maru().urls[0] ?? '', bob ?? '');
    try {
      const heard: object[] = [];
      socket.on('newMessage', (message: object) => heard.push(message));
      await new Promise((resolve) => socket.once('ready', resolve));
      const memberIds = [bobsId ?? ''];
      const { id } = await rest.createRoom(ann ?? '', { name: 'Tea', visibility: 'private', memberIds });
      await rest.post(ann ?? '', id, { text: 'Hello' });
      await until('bob hears ann', () => heard.length === 1);
      expect(heard).toMatchObject([{ roomId: id, senderId: annsId, text: 'Hello' }]);
    } finally {
      socket.disconnect();
    }
  });
}
