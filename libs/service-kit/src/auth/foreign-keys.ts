import { createLocalJWKSet, createRemoteJWKSet, errors, type JWK, type JWTVerifyGetKey } from 'jose';
import type { IssuerConfig } from './issuers';
import { isOfKeySet } from './key-errors';

const waitAfterFailureMs = 5000;

/** The algorithms and the keys of an issuer. A secret is for HS256 alone, and a public key never for that. */
export function keysOf(config: IssuerConfig): { algorithms: string[]; keys: JWTVerifyGetKey } {
  const { jwks, key, secret, algorithms = asymmetric } = config;
  if (secret !== undefined) {
    const bytes = Buffer.from(secret);
    return { algorithms: ['HS256'], keys: () => Promise.resolve(bytes) };
  }
  if (key !== undefined) return { algorithms, keys: theKey(key) };
  return { algorithms, keys: remoteKeys(new URL(jwks ?? '')) };
}

/** A key without an id of its own is for tokens that name any. */
function theKey(key: JWK): JWTVerifyGetKey {
  const keys = createLocalJWKSet({ keys: [key] });
  if (key.kid !== undefined) return keys;
  return (given, token) => {
    const header = { ...given };
    delete header.kid;
    return keys(header, token);
  };
}

const asymmetric = [
  ...['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
];

/**
 * A key set over HTTP: kept for 10 minutes; for an unknown key fetched again, at most every 30 s; given up after 3 s.
 * One that cannot be had is asked for again after 5 s, so that an issuer in trouble gets no crowd on top.
 */
function remoteKeys(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: 3000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
  });
  let failedAt = -Infinity;
  return async (header, token) => {
    if (!keys.fresh && performance.now() - failedAt < waitAfterFailureMs) throw new errors.JWKSTimeout();
    try {
      return await keys(header, token);
    } catch (error) {
      if (isOfKeySet(error)) failedAt = performance.now();
      throw error;
    }
  };
}
