import { Inject, Injectable } from '@nestjs/common';
import {
  type AccessToken,
  accessTokenSeconds,
  CodedError,
  type OwnUser,
  systemUserId,
} from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import { InternalClient, USERS_CLIENT } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { TokensService } from '../keys/tokens.service';
import { SessionsRepository } from '../sessions/sessions.repository';

/** Sessions of users, in the hands of a team's back end. */
@Injectable()
export class ServerSessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly tokens: TokensService,
    private readonly outbox: OutboxRelay<never>,
    @Inject(USERS_CLIENT) private readonly users: InternalClient,
  ) {}

  /**
   * An access token of a session that stands nowhere: it ends with the token, or with all of the user's.
   * @throws CodedError `user_not_found`; `forbidden` for a user with an account here, who logs in himself
   */
  async token(userId: string): Promise<AccessToken> {
    const { email } = await this.user(userId);
    if (email !== null)
      throw new CodedError('forbidden', 'This user has an account here, and logs in himself.');
    const accessToken = await this.tokens.sign({ userId, sessionId: uuidv7() });
    return { accessToken, expiresIn: accessTokenSeconds };
  }

  /** Ends all sessions of the user, whoever issued their tokens. @throws CodedError `user_not_found` */
  async end(userId: string): Promise<{ userId: string; at: string }> {
    await this.user(userId);
    const { at } = await this.sessions.forUser(userId, (trx) =>
      this.sessions.endAll(trx, userId, 'by_server'),
    );
    this.outbox.wake();
    return { userId, at };
  }

  private async user(userId: string): Promise<OwnUser> {
    if (userId === systemUserId) throw new CodedError('user_not_found');
    return this.users.call<OwnUser>('GET', `/internal/users/${userId}`);
  }
}
