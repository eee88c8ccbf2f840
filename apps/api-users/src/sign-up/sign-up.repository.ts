import { Inject, Injectable } from '@nestjs/common';
import type { OwnUser } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { USERS_ENV, type UsersEnv } from '../users.config';
import { UserEvents } from '../users/user-events';
import { asOwnUser, ownColumns, type OwnUserRow } from '../users/users.repository';

/** A try to sign up. Attempts are numbered over all e-mails, so of one e-mail a later one has a higher number. */
export interface Attempt {
  userId: string;
  attempt: number;
}

export interface EmailOwner extends Attempt {
  state: 'pending' | 'active';
  passwordCheck: string | null;
}

export interface NewAttempt {
  userId: string;
  email: string;
  name: string;
  passwordCheck: string;
}

@Injectable()
export class SignUpRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly events: UserEvents,
    @Inject(USERS_ENV) private readonly env: UsersEnv,
  ) {}

  async findByEmail(email: string): Promise<EmailOwner | undefined> {
    const query = sql<EmailOwner>`
      select id as "userId", attempt, state, password_check as "passwordCheck" from users where email = ${email}`;
    return (await query.execute(this.store)).rows[0];
  }

  /** Takes the e-mail for a new attempt, when it is free or its pending user is too old; else `undefined`. */
  async claim({ userId, email, name, passwordCheck }: NewAttempt): Promise<Attempt | undefined> {
    const query = sql<Attempt>`
      insert into users (id, state, email, name, attempt, attempted_at, password_check, created_at)
      values (${userId}, 'pending', ${email}, ${name}, nextval('sign_up_attempts'), clock_timestamp(),
        ${passwordCheck}, clock_timestamp())
      on conflict (email) do update
      set id = excluded.id, name = excluded.name, attempt = nextval('sign_up_attempts'),
        attempted_at = clock_timestamp(), password_check = excluded.password_check, created_at = clock_timestamp()
      where users.state = 'pending'
        and users.attempted_at < clock_timestamp() - ${this.env.SIGN_UP_TIMEOUT_MS} * interval '1 millisecond'
      returning id as "userId", attempt`;
    return (await query.execute(this.store)).rows[0];
  }

  /** Makes the attempt's user active and tells it, if the e-mail is still this attempt's; else `undefined`. */
  async activate({ userId, attempt }: Attempt, name: string): Promise<OwnUser | undefined> {
    return this.store.transaction().execute(async (trx) => {
      const { rows } = await sql<OwnUserRow>`
        update users set state = 'active', name = ${name}, version = 1, password_check = null
        where id = ${userId} and attempt = ${attempt} and state = 'pending'
        returning ${ownColumns}`.execute(trx);
      if (rows[0] === undefined) return undefined;
      await this.events.tell(trx, 'user.created', rows[0]);
      return asOwnUser(rows[0]);
    });
  }
}
