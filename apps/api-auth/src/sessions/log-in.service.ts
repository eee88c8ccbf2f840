import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type LoggedIn, type LogIn, type OwnUser } from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import { InternalClient, USERS_CLIENT } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { CredentialsRepository } from '../credentials/credentials.repository';
import { CredentialsService } from '../credentials/credentials.service';
import { TokensService } from '../keys/tokens.service';
import { hashOf, newRefreshToken } from './refresh-token';
import { SessionsRepository } from './sessions.repository';

const longestUserAgent = 256;

@Injectable()
export class LogInService {
  constructor(
    private readonly service: CredentialsService,
    private readonly credentials: CredentialsRepository,
    private readonly sessions: SessionsRepository,
    private readonly tokens: TokensService,
    private readonly outbox: OutboxRelay<never>,
    @Inject(USERS_CLIENT) private readonly users: InternalClient,
  ) {}

  /**
   * Starts a session. api-users is asked for the user, so that it works as soon as a sign-up was answered,
   * and for nobody who is not active, whatever `users.events` have told so far.
   */
  async logIn({ email, password }: LogIn, userAgent: string): Promise<LoggedIn> {
    const credential = await this.service.check(email, password);
    const user = await this.activeUser(credential.userId);
    const sessionId = uuidv7();
    const refreshToken = newRefreshToken();
    await this.sessions.forUser(user.id, async (trx) => {
      // Changed or deleted since it was checked.
      if (!(await this.credentials.holds(trx, credential))) throw new CodedError('invalid_credentials');
      await this.sessions.forgetOld(trx, user.id);
      await this.sessions.add(trx, user.id, sessionId, userAgent.slice(0, longestUserAgent));
      await this.sessions.addToken(trx, sessionId, hashOf(refreshToken));
    });
    this.outbox.wake();
    return { ...(await this.tokens.issue({ userId: user.id, sessionId }, refreshToken)), user };
  }

  private async activeUser(userId: string): Promise<OwnUser> {
    try {
      return await this.users.call<OwnUser>('GET', `/internal/users/${userId}`);
    } catch (error) {
      if (error instanceof CodedError && error.code === 'user_not_found') {
        throw new CodedError('invalid_credentials');
      }
      throw error;
    }
  }
}
