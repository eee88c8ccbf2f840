import { CodedError, displayName, type ForeignUser, pictureUrl } from '@maru/contracts';
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { Identity } from './access';
import { foreignSessionId, foreignUserId } from './foreign-ids';
import { keysOf } from './foreign-keys';
import type { IssuerConfig } from './issuers';
import { isOfKeySet } from './key-errors';

/** What a token of another issuer says: who asks, and how he is to be shown. */
export interface ForeignToken {
  identity: Identity;
  user: ForeignUser;
}

/** Reads the tokens of one other issuer, by its keys, its audience and its names of claims. */
export class ForeignIssuer {
  private readonly algorithms: string[];
  private readonly keys: JWTVerifyGetKey;

  constructor(private readonly config: IssuerConfig) {
    const { algorithms, keys } = keysOf(config);
    this.algorithms = algorithms;
    this.keys = keys;
  }

  get issuer(): string {
    return this.config.issuer;
  }

  /** @throws CodedError `unauthenticated`, `token_expired`, or `unavailable` when the issuer's keys cannot be had. */
  async read(token: string): Promise<ForeignToken> {
    try {
      const { issuer, audience, maxAgeSeconds } = this.config;
      const { payload } = await jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms: this.algorithms,
        requiredClaims: ['exp', 'iat'],
        maxTokenAge: maxAgeSeconds,
        clockTolerance: 5,
      });
      return this.tokenOf(payload);
    } catch (error) {
      if (error instanceof CodedError) throw error;
      if (error instanceof errors.JWTExpired) throw new CodedError('token_expired');
      throw new CodedError(isOfKeySet(error) ? 'unavailable' : 'unauthenticated');
    }
  }

  private tokenOf(payload: JWTPayload): ForeignToken {
    const { issuer, claims, maxAgeSeconds } = this.config;
    const subject = first(payload, claims.subject);
    const { exp, iat, jti } = payload;
    if (subject === undefined || subject.length > 255 || exp === undefined || iat === undefined)
      throw new CodedError('unauthenticated');
    const sid = first(payload, ['sid']);
    const of = sid !== undefined ? { sid } : jti !== undefined ? { jti } : { sub: subject, iat };
    const userId = foreignUserId(issuer, subject);
    return {
      identity: {
        userId,
        sessionId: foreignSessionId(issuer, of),
        issuedAt: iat,
        // What has ended is remembered for as long as a token may live.
        expiresAt: Math.floor(Math.min(exp, iat + maxAgeSeconds)),
      },
      user: {
        ...{ id: userId, issuer, externalId: subject, claimedAt: Math.floor(iat) },
        name: nameOf(first(payload, claims.name)),
        picture: pictureOf(first(payload, claims.picture)),
      },
    };
  }
}

/** The first of these claims that is there. A name with dots is one claim, as some issuers write them. */
function first(payload: JWTPayload, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = payload[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** Names of other issuers are as long as they like, and may hold what ours must not. */
function nameOf(claimed: string | undefined): string | null {
  const printable = (claimed ?? '')
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return displayName.safeParse([...printable.trim()].slice(0, 64).join('')).data ?? null;
}

const pictureOf = (claimed: string | undefined): string | null => pictureUrl.safeParse(claimed).data ?? null;
