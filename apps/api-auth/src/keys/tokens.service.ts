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

  /** Signs an access token for a session (RFC 9068: `at+jwt`) and hands it out with the refresh token. */
  async issue(of: { userId: string; sessionId: string }, refreshToken: string): Promise<Tokens> {
    const { kid, key } = await this.keys.signingKey();
    const accessToken = await new SignJWT({ sid: of.sessionId })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setSubject(of.userId)
      .setIssuer(this.env.TOKEN_ISSUER)
      .setAudience(this.env.TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(`${accessTokenSeconds}s`)
      .sign(key);
    return { accessToken, refreshToken, expiresIn: accessTokenSeconds };
  }
}
