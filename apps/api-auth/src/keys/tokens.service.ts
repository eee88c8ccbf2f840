import { Inject, Injectable } from '@nestjs/common';
import { accessTokenSeconds, type Tokens } from '@maru/contracts';
import { SignJWT } from 'jose';
import { AUTH_ENV, type AuthEnv } from '../auth.config';
import { KeysService } from './keys.service';

@Injectable()
export class TokensService {
  constructor(
    private readonly keys: KeysService,
    @Inject(AUTH_ENV) private readonly env: AuthEnv,
  ) {}

  /** An access token for a session, with the refresh token. */
  async issue(of: { userId: string; sessionId: string }, refreshToken: string): Promise<Tokens> {
    return { accessToken: await this.sign(of), refreshToken, expiresIn: accessTokenSeconds };
  }

  /** Signs an access token for a session (RFC 9068: `at+jwt`). */
  async sign(of: { userId: string; sessionId: string }): Promise<string> {
    const { kid, key } = await this.keys.signingKey();
    return new SignJWT({ sid: of.sessionId })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setSubject(of.userId)
      .setIssuer(this.env.TOKEN_ISSUER)
      .setAudience(this.env.TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(`${accessTokenSeconds}s`)
      .sign(key);
  }
}
