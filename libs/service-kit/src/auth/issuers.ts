import { createPublicKey } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';

/** By which tokens of another issuer may be signed: whoever verifies them cannot sign them. */
const asymmetric = z.enum([
  ...(['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512'] as const),
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
]);

const claim = z.string().min(1).max(255);
const claimNames = z.union([claim, z.array(claim).min(1).max(5)]).transform((names) => [names].flat());

/** `auth.events` are kept for 7 days: for a token that lived longer an end could be forgotten. */
const longestAgeSeconds = 6 * 24 * 3600;

const publicKey = z
  .union([z.string(), z.record(z.string(), z.unknown())], 'a public key as PEM or as JWK')
  .transform((given, context): JWK => {
    try {
      const key =
        typeof given === 'string' ? createPublicKey(given) : createPublicKey({ key: given, format: 'jwk' });
      if (isPrivate(given)) throw new Error('private');
      const { kid } = typeof given === 'string' ? {} : given;
      return { ...(key.export({ format: 'jwk' }) as JWK), ...(typeof kid === 'string' && { kid }) };
    } catch {
      context.addIssue({
        code: 'custom',
        message: 'must be a public key as PEM or as JWK; a secret goes into "secret"',
      });
      return z.NEVER;
    }
  });

/** Node makes the public half of a private key: it has no business here. */
const isPrivate = (given: string | Record<string, unknown>): boolean =>
  typeof given === 'string' ? given.includes('PRIVATE KEY') : 'd' in given;

const foreignIssuer = z
  .strictObject({
    issuer: z.string().min(1).max(255),
    audience: z.union([claim, z.array(claim).min(1)], 'must be a text, or a list of texts'),
    jwks: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    key: publicKey.optional(),
    secret: z.string().min(32, 'must have 32 characters or more').optional(),
    algorithms: z.array(asymmetric).min(1).optional(),
    claims: z
      .strictObject({
        subject: claimNames.default(['sub']),
        name: claimNames.default(['name']),
        picture: claimNames.default(['picture']),
      })
      .prefault({}),
    maxAgeSeconds: z
      .int()
      .min(60)
      .max(longestAgeSeconds)
      .default(24 * 3600),
  })
  .refine(
    ({ jwks, key, secret }) => [jwks, key, secret].filter((one) => one !== undefined).length === 1,
    'needs one of "jwks" (an address), "key" (a public key) and "secret" (for HS256)',
  )
  .refine(({ secret, algorithms }) => secret === undefined || algorithms === undefined, {
    path: ['algorithms'],
    message: 'goes with "jwks" or "key": a secret is for HS256',
  });

/** Another issuer whose tokens are taken, as AUTH_ISSUERS names it. */
export type IssuerConfig = z.infer<typeof foreignIssuer>;

const issuerList = z
  .array(foreignIssuer)
  .max(20)
  .refine(
    (list) => new Set(list.map(({ issuer }) => issuer)).size === list.length,
    'each issuer may be named once: give it a list of audiences',
  );

const example =
  '[{"issuer":"https://id.example.com/","audience":"chat","jwks":"https://id.example.com/jwks.json"}]';

/** The setting AUTH_ISSUERS. What is wrong is told by its place; values, which may be secrets, are not. */
export const issuersSetting = z
  .string()
  .default('[]')
  .transform((text, context): IssuerConfig[] => {
    const list = issuerList.safeParse(jsonOf(text));
    if (list.success) return list.data;
    for (const { code, path, message } of list.error.issues) {
      const whole = code === 'custom' ? message : `must be a JSON list such as ${example}`;
      context.addIssue({
        code: 'custom',
        message: path.length === 0 ? whole : `${path.join('.')}: ${message}`,
      });
    }
    return z.NEVER;
  });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For the log: what is taken from whom, without keys and secrets. */
export function describeIssuer({ issuer, audience, jwks, secret, claims, maxAgeSeconds }: IssuerConfig) {
  const { origin = '', pathname = '' } = jwks === undefined ? {} : new URL(jwks);
  const keys = jwks === undefined ? (secret === undefined ? 'a key' : 'a secret') : origin + pathname;
  return { issuer, audience, keys, claims, maxAgeSeconds };
}
