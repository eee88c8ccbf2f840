import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type LoggedIn, type LogIn, type OwnUser } from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import { InternalClient, USERS_CLIENT } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { CredentialsRepository } from '../credentials/credentials.repository';
import { CredentialsService } from '../credentials/credentials.service';
import { GuessesService } from '../credentials/guesses.service';
import { TokensService } from '../keys/tokens.service';
import { hashOf, newRefreshToken } from './refresh-token';
import { SessionsRepository } from './sessions.repository';

const longestUserAgent = 256;

/** Where a log-in comes from. */
export interface Origin {
  address: string;
  userAgent: string;
}

@Injectable()
export class LogInService {
  constructor(
    private readonly guesses: GuessesService,
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
   * @throws CodedError `invalid_credentials`, `rate_limited` after too many of them
   */
  async logIn({ email, password }: LogIn, { address, userAgent }: Origin): Promise<LoggedIn> {
    const guess = { account: email, address };
    const { credential, user } = await this.guesses.counted(guess, async () => {
      const found = await this.service.check(email, password);
      return { credential: found, user: await this.activeUser(found.userId) };
    });
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
