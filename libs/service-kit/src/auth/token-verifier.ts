import { accessClaims, CodedError } from '@maru/contracts';
import { decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Identity } from './access';
import type { EndedSessions } from './ended-sessions';
import type { ForeignIssuer } from './foreign-issuer';
import { isOfKeySet } from './key-errors';
import type { KnownUsers } from './known-users';

export interface TokenRules {
  issuer: string;
  audience: string;
}

/** The other issuers whose tokens are taken, and their users. */
export interface Foreigners {
  issuers: readonly ForeignIssuer[];
  known: KnownUsers;
}

/**
 * Verifies access tokens locally, from api-auth's key set or that of another issuer that is configured, and knows the
 * sessions that have ended since.
 */
export class TokenVerifier {
  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly rules: TokenRules,
    private readonly ended: EndedSessions,
    private readonly foreign: Foreigners,
  ) {}

  /**
   * A user of another issuer exists once this has resolved.
   * @throws CodedError `unauthenticated`, `token_expired`, `session_ended`, or `unavailable` when the key set
   *   cannot be had.
   */
  async verify(token: string): Promise<Identity> {
    const issuer = this.foreign.issuers.length === 0 ? undefined : this.issuerOf(token);
    if (issuer === undefined) return this.mustGoOn(await this.own(token));
    const { identity, user } = await issuer.read(token);
    this.mustGoOn(identity);
    await this.foreign.known.mustBe(user);
    return identity;
  }

  private mustGoOn(identity: Identity): Identity {
    if (this.ended.has(identity)) throw new CodedError('session_ended');
    return identity;
  }

  /** Whom the token names, which is not proven yet, so that it is verified by his keys. */
  private issuerOf(token: string): ForeignIssuer | undefined {
    try {
      const { iss } = decodeJwt(token);
      return this.foreign.issuers.find(({ issuer }) => issuer === iss);
    } catch {
      throw new CodedError('unauthenticated');
    }
  }

  private async own(token: string): Promise<Identity> {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        ...this.rules,
        algorithms: ['EdDSA', 'Ed25519'],
        typ: 'at+jwt',
        clockTolerance: 5,
      });
      const { sub, sid, exp, iat } = accessClaims.parse(payload);
      return { userId: sub, sessionId: sid, issuedAt: iat, expiresAt: exp };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new CodedError('token_expired');
      throw new CodedError(isOfKeySet(error) ? 'unavailable' : 'unauthenticated');
    }
  }
}
