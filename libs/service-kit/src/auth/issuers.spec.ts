import { generateKeyPairSync } from 'node:crypto';
import { ConfigError, readEnvironment, refuseIssuers, serviceEnv } from '../config/environment';
import { describeIssuer } from './issuers';

const jwks = 'https://id.example.com/jwks.json';
const good = { issuer: 'https://id.example.com/', audience: 'chat', jwks };
const secret = 'a secret that is long enough to be one';
const read = (issuers: unknown, more: NodeJS.ProcessEnv = {}) => {
  const text = typeof issuers === 'string' ? issuers : JSON.stringify(issuers);
  const env = readEnvironment(serviceEnv, { AUTH_ISSUERS: text, ...more });
  refuseIssuers(env);
  return env.AUTH_ISSUERS;
};
const refusal = (issuers: unknown, more?: NodeJS.ProcessEnv): string => {
  try {
    read(issuers, more);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'taken';
};

describe('the setting AUTH_ISSUERS', () => {
  it('is empty, or names issuers with what is left out filled in', () => {
    expect(read('')).toEqual([]);
    expect(read([good])).toEqual([
      { ...good, claims: { subject: ['sub'], name: ['name'], picture: ['picture'] }, maxAgeSeconds: 86_400 },
    ]);
    const claims = { subject: 'uid', name: ['nickname', 'https://example.com/name'] };
    expect(read([{ ...good, claims }])[0]?.claims).toEqual({
      ...{ subject: ['uid'], name: ['nickname', 'https://example.com/name'], picture: ['picture'] },
    });
  });

  it('takes a public key as PEM or JWK, and no private one', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { x } = publicKey.export({ format: 'jwk' });
    const of = (key: unknown) => ({ ...good, jwks: undefined, key });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    expect(read([of(pem)])[0]?.key).toEqual({ kty: 'OKP', crv: 'Ed25519', x });
    expect(read([of({ ...publicKey.export({ format: 'jwk' }), kid: 'one' })])[0]?.key).toEqual({
      ...{ kty: 'OKP', crv: 'Ed25519', x, kid: 'one' },
    });
    const wrong = [
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
      privateKey.export({ format: 'jwk' }),
      { kty: 'oct', k: Buffer.from(secret).toString('base64url') },
      'no key',
    ];
    for (const key of wrong) expect(refusal([of(key)])).toContain('0.key: must be a public key');
  });

  it.each([
    ['no JSON', 'https://id.example.com', 'must be a JSON list such as [{"issuer"'],
    ['no audience', [{ ...good, audience: undefined }], '0.audience: must be a text'],
    ['no key', [{ ...good, jwks: undefined }], '0: needs one of "jwks"'],
    ['two sorts of keys', [{ ...good, secret }], '0: needs one of "jwks"'],
    ['a short secret', [{ ...good, jwks: undefined, secret: 'short' }], '0.secret: must have 32'],
    ['HMAC with public keys', [{ ...good, algorithms: ['HS256'] }], '0.algorithms.0: '],
    ['no algorithm', [{ ...good, algorithms: ['none'] }], '0.algorithms.0: '],
    ['an algorithm beside a secret', [{ ...good, jwks: undefined, secret, algorithms: ['RS256'] }], 'HS256'],
    ['an address of another sort', [{ ...good, jwks: 'file:///etc/passwd' }], '0.jwks: must be an http'],
    ['an issuer twice', [good, good], 'each issuer may be named once'],
    ['a word that is none', [{ ...good, jwksUri: jwks }], 'jwksUri'],
    ['Maru itself', [{ ...good, issuer: 'maru' }], "maru is Maru's own issuer"],
    ["the issuer of the server's users", [{ ...good, issuer: 'maru:server' }], "Maru's own issuer"],
  ])('is refused with %s, with what to do', (_, issuers, message) => {
    expect(refusal(issuers)).toContain(message);
    expect(refusal(issuers)).toContain('AUTH_ISSUERS');
    expect(refusal(issuers)).not.toContain(secret);
  });

  it('wants https for key sets in production', () => {
    const plain = [{ ...good, jwks: 'http://id.example.com/jwks.json' }];
    expect(refusal(plain)).toBe('taken');
    expect(refusal(plain, { NODE_ENV: 'production' })).toContain('must be an https address in production');
  });

  it('is told at the start without what is secret', () => {
    const named = read([
      { ...good, jwks: 'https://ann:password@id.example.com/jwks.json?token=x' },
      { ...good, issuer: 'other', jwks: undefined, secret },
    ]).map(describeIssuer);
    expect(named.map(({ keys }) => keys)).toEqual([jwks, 'a secret']);
    expect(JSON.stringify(named)).not.toMatch(/password|token=|long enough/);
  });
});
