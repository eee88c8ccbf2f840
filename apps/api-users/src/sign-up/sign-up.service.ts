import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type OwnUser, type PutCredential, type SignUp } from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import {
  AUTH_CLIENT,
  InternalClient,
  PasswordHasher,
  type RateLimit,
  RateLimits,
  refuseWeakPassword,
} from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { USERS_ENV, type UsersEnv } from '../users.config';
import { UsersRepository } from '../users/users.repository';
import { type Attempt, SignUpRepository } from './sign-up.repository';

/**
 * Three steps, each of which may be the last before a crash: the user is stored as pending, api-auth gets the
 * credential, the user becomes active. The same sign-up sent again goes on from wherever it was left.
 */
@Injectable()
export class SignUpService {
  /** A sign-up costs three hashes and tells whether an e-mail has an account. */
  private readonly byAddress: RateLimit;

  constructor(
    private readonly signUps: SignUpRepository,
    private readonly users: UsersRepository,
    private readonly hasher: PasswordHasher,
    private readonly outbox: OutboxRelay<never>,
    @Inject(AUTH_CLIENT) private readonly auth: InternalClient,
    @Inject(USERS_ENV) env: UsersEnv,
    limits: RateLimits,
  ) {
    this.byAddress = limits.limit('sign_ups_of_address', env.ADDRESS_SIGN_UPS_PER_HOUR, 3600);
  }

  /**
   * @throws CodedError `weak_password`; `email_taken`; `signup_in_progress` while another sign-up has the e-mail;
   *   `unavailable` when api-auth is away; `rate_limited`. Nobody can log in before it has resolved.
   */
  async signUp({ email, name, password }: SignUp, address: string): Promise<OwnUser> {
    await this.byAddress.take(address);
    refuseWeakPassword(password, { email, name });
    const attempt = await this.attemptFor({ email, name, password });
    const credential: PutCredential = { email, password, attempt: attempt.attempt };
    await this.auth.call('PUT', `/internal/credentials/${attempt.userId}`, credential);
    const user = (await this.signUps.activate(attempt, name)) ?? (await this.users.findOwn(attempt.userId));
    // Without one a later attempt has the e-mail now.
    if (user === undefined) throw new CodedError('signup_in_progress');
    this.outbox.wake();
    return user;
  }

  /** A new attempt, or the one that was begun with this very password. */
  private async attemptFor({ email, name, password }: SignUp): Promise<Attempt> {
    const before = await this.signUps.findByEmail(email);
    if (before?.state === 'active') throw new CodedError('email_taken');
    const passwordCheck = await this.hasher.hash(password);
    const mine = await this.signUps.claim({ userId: uuidv7(), email, name, passwordCheck });
    if (mine) return mine;
    const owner = await this.signUps.findByEmail(email);
    if (owner?.state === 'active') throw new CodedError('email_taken');
    if (!owner?.passwordCheck || !(await this.hasher.verify(owner.passwordCheck, password))) {
      throw new CodedError('signup_in_progress');
    }
    return owner;
  }
}
