import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { openDatabase, sql } from '@maru/postgres';
import { type CryptoKey, exportJWK, exportSPKI, importJWK, type JWK, SignJWT } from 'jose';
import type { Maru } from '../support/maru';

export interface Forgery {
  /** Undefined: the claim is left out. */
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: CryptoKey | KeyObject | Uint8Array;
  alg?: string;
}

/**
 * Signs tokens of any sort for one user's session: with api-auth's own key, read out of its store, so that a
 * refusal is for the one thing that is wrong; or with keys of a stranger.
 */
export class Forger {
  private constructor(
    private readonly own: CryptoKey | Uint8Array,
    private readonly kid: string,
    readonly publicJwk: JWK,
    private readonly subject: { sub: string; sid: string },
  ) {}

  static async of(maru: Maru, subject: { sub: string; sid: string }): Promise<Forger> {
    const url = new URL(maru.run.databaseUrl);
    url.pathname = '/maru_auth';
    const store = openDatabase({
      url: url.href,
      poolSize: 2,
      statementTimeoutMs: 5000,
      applicationName: 'e2e',
    });
    try {
      const { rows } = await sql<{ kid: string; jwk: JWK }>`
        select kid, private_jwk as jwk from signing_keys where retired_at is null`.execute(store);
      const [{ kid, jwk }] = rows as [{ kid: string; jwk: JWK }];
      const { kty = 'OKP', crv = '', x = '' } = jwk;
      return new Forger(await importJWK(jwk, 'EdDSA'), kid, { kty, crv, x }, subject);
    } finally {
      await store.destroy();
    }
  }

  /** A token that is right but for what is named. */
  sign({ claims = {}, header = {}, key = this.own, alg = 'EdDSA' }: Forgery = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const right = { ...this.subject, iss: 'maru', aud: 'maru', iat: now, exp: now + 900 };
    return new SignJWT({ ...right, ...claims })
      .setProtectedHeader({ alg, typ: 'at+jwt', kid: this.kid, ...header })
      .sign(key);
  }

  /** Without a signature, `alg` as it says. */
  unsigned(alg: string): string {
    const now = Math.floor(Date.now() / 1000);
    const parts = [
      { alg, typ: 'at+jwt', kid: this.kid },
      { ...this.subject, iss: 'maru', aud: 'maru', iat: now, exp: now + 900 },
    ];
    return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
  }

  /** api-auth's public key in the forms that a careless verifier could take for an HMAC's secret. */
  async publicForms(): Promise<Record<string, Uint8Array>> {
    const key = await importJWK(this.publicJwk, 'EdDSA');
    return {
      'its bytes': Buffer.from(this.publicJwk.x ?? '', 'base64url'),
      'its base64url': Buffer.from(this.publicJwk.x ?? ''),
      'its PEM': Buffer.from(await exportSPKI(key as CryptoKey)),
      'its JWK': Buffer.from(JSON.stringify(this.publicJwk)),
    };
  }
}

/** A key pair of nobody that Maru knows. */
export async function strangersKey(type: 'ed25519' | 'ec' | 'rsa'): Promise<{ key: KeyObject; jwk: JWK }> {
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { key: privateKey, jwk: await exportJWK(publicKey) };
}
