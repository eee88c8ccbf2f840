import { Injectable } from '@nestjs/common';
import { type ChangePassword, CodedError } from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import { type Identity, PasswordHasher, refuseWeakPassword } from '@maru/service-kit';
import { SessionsRepository } from '../sessions/sessions.repository';
import { CredentialsRepository } from './credentials.repository';
import { CredentialsService } from './credentials.service';
import { GuessesService } from './guesses.service';

@Injectable()
export class PasswordsService {
  constructor(
    private readonly service: CredentialsService,
    private readonly credentials: CredentialsRepository,
    private readonly sessions: SessionsRepository,
    private readonly guesses: GuessesService,
    private readonly hasher: PasswordHasher,
    private readonly outbox: OutboxRelay<never>,
  ) {}

  /**
   * Changes the password and ends the user's other sessions, both or neither.
   * @returns how many sessions that ended.
   * @throws CodedError `weak_password`; `invalid_credentials`, `rate_limited` after too many of them
   */
  async change({ userId, sessionId }: Identity, address: string, asked: ChangePassword): Promise<number> {
    const { passwordHash, email } = await this.guesses.counted({ account: userId, address }, () =>
      this.service.checkUser(userId, asked.currentPassword),
    );
    refuseWeakPassword(asked.newPassword, { email });
    const newHash = await this.hasher.hash(asked.newPassword);
    const ended = await this.sessions.forUser(userId, async (trx) => {
      if (!(await this.sessions.has(trx, sessionId))) throw new CodedError('session_ended');
      const changed = await this.credentials.changePassword(trx, userId, passwordHash, newHash);
      if (!changed) throw new CodedError('invalid_credentials');
      return this.sessions.endOthers(trx, userId, sessionId, 'password_changed');
    });
    this.outbox.wake();
    return ended;
  }
}
