import { Inject, Injectable } from '@nestjs/common';
import type { FindUsers, Me, OwnUser, PublicUser, UpdateMe } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { FriendsRepository } from '../friends/friends.repository';
import { UserEvents } from './user-events';

export interface UserRow {
  id: string;
  name: string;
  statusMessage: string;
  picture: string | null;
  kind: 'user' | 'system';
  version: number;
  createdAt: Date;
}
export interface OwnUserRow extends UserRow {
  email: string | null;
  lastLoginAt: Date | null;
  lastLogoutAt: Date | null;
}

export const columns = sql`id, name, status_message as "statusMessage", picture, kind, version, created_at as "createdAt"`;
export const ownColumns = sql`${columns}, email, last_login_at as "lastLoginAt", last_logout_at as "lastLogoutAt"`;

export const asUser = ({ id, name, statusMessage, picture, kind, createdAt }: UserRow): PublicUser => ({
  id,
  name,
  statusMessage,
  ...(picture !== null && { picture }),
  ...(kind === 'system' && { kind }),
  createdAt: createdAt.toISOString(),
});
export const asOwnUser = (row: OwnUserRow): OwnUser => ({ ...asUser(row), email: row.email });
const asMe = (row: OwnUserRow): Me => ({
  ...asOwnUser(row),
  lastLoginAt: row.lastLoginAt?.toISOString() ?? null,
  lastLogoutAt: row.lastLogoutAt?.toISOString() ?? null,
});

/** Active users. Pending and deleted ones are not found by any of this. */
@Injectable()
export class UsersRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly events: UserEvents,
    private readonly friends: FriendsRepository,
  ) {}

  async find(id: string): Promise<PublicUser | undefined> {
    const row = await this.findRow(id);
    return row && asUser(row);
  }

  async findMe(id: string): Promise<Me | undefined> {
    const row = await this.findRow(id);
    return row && asMe(row);
  }

  async findOwn(id: string): Promise<OwnUser | undefined> {
    const row = await this.findRow(id);
    return row && asOwnUser(row);
  }

  async existing(ids: string[]): Promise<string[]> {
    const query = sql<{ id: string }>`
      select id from users where id = any(${ids}::uuid[]) and state = 'active' and kind = 'user'`;
    return (await query.execute(this.store)).rows.map((row) => row.id);
  }

  /** Users with `query` in their name, without regard to case; those whose name begins with it come first. */
  async search({ query, limit }: FindUsers): Promise<PublicUser[]> {
    const part = query.toLowerCase().replace(/[\\%_]/g, '\\$&');
    const { rows } = await sql<UserRow>`
      select ${columns} from users where state = 'active' and kind = 'user' and lower(name) like ${`%${part}%`}
      order by lower(name) like ${`${part}%`} desc, lower(name), id limit ${limit}`.execute(this.store);
    return rows.map(asUser);
  }

  /** Changes what is given and tells it. */
  async update(id: string, { name, statusMessage }: UpdateMe): Promise<Me | undefined> {
    return this.store.transaction().execute(async (trx) => {
      const { rows } = await sql<OwnUserRow>`
        update users set name = coalesce(${name ?? null}, name),
          status_message = coalesce(${statusMessage ?? null}, status_message), version = version + 1
        where id = ${id} and state = 'active' returning ${ownColumns}`.execute(trx);
      if (rows[0] === undefined) return undefined;
      await this.events.tell(trx, 'user.updated', rows[0]);
      return asMe(rows[0]);
    });
  }

  /** Leaves the id and nothing else of the user, and tells it; false when he was not there. */
  async remove(id: string): Promise<boolean> {
    return this.store.transaction().execute(async (trx) => {
      await this.friends.endAll(trx, id);
      const { rows } = await sql<UserRow>`
        update users set state = 'deleted', email = null, name = '', status_message = '', picture = null,
          issuer = null, external_id = null, claims = null, claimed_at = null, version = version + 1,
          last_login_at = null, last_logout_at = null
        where id = ${id} and state = 'active' returning ${columns}`.execute(trx);
      if (rows[0] === undefined) return false;
      await this.events.tell(trx, 'user.deleted', rows[0]);
      return true;
    });
  }

  /** Times only go forward, so the same event may come again. */
  async loggedIn(id: string, at: string): Promise<void> {
    await sql`update users set last_login_at = greatest(last_login_at, ${at}::timestamptz)
      where id = ${id} and state = 'active'`.execute(this.store);
  }

  async loggedOut(id: string, at: string): Promise<void> {
    await sql`update users set last_logout_at = greatest(last_logout_at, ${at}::timestamptz)
      where id = ${id} and state = 'active'`.execute(this.store);
  }

  private async findRow(id: string): Promise<OwnUserRow | undefined> {
    const query = sql<OwnUserRow>`select ${ownColumns} from users where id = ${id} and state = 'active'`;
    return (await query.execute(this.store)).rows[0];
  }
}
