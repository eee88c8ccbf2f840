import { Injectable } from '@nestjs/common';
import { OutboxRelay } from '@maru/postgres';
import { SessionsRepository } from '../sessions/sessions.repository';
import { CredentialsRepository } from './credentials.repository';

/** What becomes of an account when its user does. Each may be told any number of times. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly credentials: CredentialsRepository,
    private readonly sessions: SessionsRepository,
    private readonly outbox: OutboxRelay<never>,
  ) {}

  /** The user is active: the credential of his sign-up is one for good. */
  confirm(userId: string): Promise<void> {
    return this.credentials.confirm(userId);
  }

  /** Ends the credential first, so that no session can start once his sessions have ended. */
  async remove(userId: string): Promise<void> {
    await this.sessions.forUser(userId, async (trx) => {
      await this.credentials.remove(trx, userId);
      await this.sessions.endAll(trx, userId, 'user_deleted');
    });
    this.outbox.wake();
  }
}
