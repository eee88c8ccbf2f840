import { accessClaims, CodedError } from '@maru/contracts';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Identity } from './access';
import type { EndedSessions } from './ended-sessions';

export interface TokenRules {
  issuer: string;
  audience: string;
}

/** Verifies access tokens locally, from api-auth's key set, and knows the sessions that have ended since. */
export class TokenVerifier {
  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly rules: TokenRules,
    private readonly ended: EndedSessions,
  ) {}

  /**
   * @throws CodedError `unauthenticated`, `token_expired`, `session_ended`, or `unavailable` when the key set
   *   cannot be had.
   */
  async verify(token: string): Promise<Identity> {
    const claims = await this.readClaims(token);
    if (this.ended.has(claims.sid)) throw new CodedError('session_ended');
    return { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.exp };
  }

  private async readClaims(token: string) {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        ...this.rules,
        algorithms: ['EdDSA', 'Ed25519'],
        typ: 'at+jwt',
        clockTolerance: 5,
      });
      return accessClaims.parse(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new CodedError('token_expired');
      throw new CodedError(isOfKeySet(error) ? 'unavailable' : 'unauthenticated');
    }
  }
}

/** Whether the key set could not be had: no answer in time, none at all (fetch's TypeError), or not a key set. */
function isOfKeySet(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (error instanceof errors.JOSEError) return error.code === 'ERR_JOSE_GENERIC';
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TypeError';
}
