import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type ForeignUser, type PublicUser, type PutServerUser } from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import { foreignUserId, serverIssuer } from '@maru/service-kit';
import { USERS_ENV, type UsersEnv } from '../users.config';
import { ForeignUsersRepository } from './foreign-users.repository';

/** Users whom another issuer knows: they appear with their first token. */
@Injectable()
export class ForeignUsersService {
  constructor(
    private readonly users: ForeignUsersRepository,
    private readonly outbox: OutboxRelay<never>,
    @Inject(USERS_ENV) private readonly env: Pick<UsersEnv, 'AUTH_ISSUERS'>,
  ) {}

  /** @throws CodedError `unauthenticated` for one who was deleted: his tokens do not bring him back. */
  async put(user: ForeignUser): Promise<{ id: string }> {
    if (foreignUserId(user.issuer, user.externalId) !== user.id) throw new CodedError('bad_request');
    const outcome = await this.users.put(user);
    if (outcome === 'deleted') throw new CodedError('unauthenticated', 'The user of this token was deleted.');
    if (outcome !== 'unchanged') this.outbox.wake();
    return { id: user.id };
  }

  /**
   * Makes a user for a team's back end, or changes him; any number of times.
   * @throws CodedError `bad_request` for an issuer whose tokens are not taken; `user_not_found` for one who was deleted
   */
  async set(externalId: string, { issuer = serverIssuer, ...user }: PutServerUser): Promise<PublicUser> {
    const taken = [serverIssuer, ...this.env.AUTH_ISSUERS.map((one) => one.issuer)];
    if (!taken.includes(issuer)) throw new CodedError('bad_request', 'This issuer is not in AUTH_ISSUERS.');
    const id = foreignUserId(issuer, externalId);
    const { name, picture } = user;
    const set = await this.users.set({ id, issuer, externalId, name, picture });
    if (set === undefined) throw new CodedError('user_not_found', 'This user was deleted.');
    this.outbox.wake();
    return set;
  }
}
