import { Inject, Injectable } from '@nestjs/common';
import { type Kysely, sql, type Transaction } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

export interface Credential {
  userId: string;
  email: string;
  attempt: number;
  passwordHash: string;
}

const columns = sql`user_id as "userId", email, attempt, password_hash as "passwordHash"`;

@Injectable()
export class CredentialsRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  async findByEmail(email: string): Promise<Credential | undefined> {
    const query = sql<Credential>`select ${columns} from credentials where email = ${email}`;
    return (await query.execute(this.store)).rows[0];
  }

  async findByUser(userId: string): Promise<Credential | undefined> {
    const query = sql<Credential>`select ${columns} from credentials where user_id = ${userId}`;
    return (await query.execute(this.store)).rows[0];
  }

  /** Stores the credential of a sign-up's attempt. False when one of the same or a later attempt is there. */
  async put({ userId, email, attempt, passwordHash }: Credential): Promise<boolean> {
    const { numAffectedRows } = await sql`
      insert into credentials (email, user_id, attempt, password_hash)
      values (${email}, ${userId}, ${attempt}, ${passwordHash})
      on conflict (email) do update
      set user_id = excluded.user_id, attempt = excluded.attempt, password_hash = excluded.password_hash,
        created_at = now(), confirmed_at = null
      where credentials.attempt < excluded.attempt`.execute(this.store);
    return numAffectedRows === 1n;
  }

  async confirm(userId: string): Promise<void> {
    await sql`update credentials set confirmed_at = now() where user_id = ${userId} and confirmed_at is null`.execute(
      this.store,
    );
  }

  /** Puts another password in the place of the one with `oldHash`; false when it is another already. */
  async changePassword(
    trx: Transaction<never>,
    userId: string,
    oldHash: string,
    newHash: string,
  ): Promise<boolean> {
    const { numAffectedRows } = await sql`
      update credentials set password_hash = ${newHash}
      where user_id = ${userId} and password_hash = ${oldHash}`.execute(trx);
    return numAffectedRows === 1n;
  }

  /** Whether the user still has this password, held so until the transaction ends. */
  async holds(trx: Transaction<never>, { userId, passwordHash }: Credential): Promise<boolean> {
    const query = sql`
      select 1 from credentials where user_id = ${userId} and password_hash = ${passwordHash} for share`;
    return (await query.execute(trx)).rows.length === 1;
  }

  async remove(trx: Transaction<never>, userId: string): Promise<void> {
    await sql`delete from credentials where user_id = ${userId}`.execute(trx);
  }
}
