import { Inject, Injectable } from '@nestjs/common';
import type { ForeignUser, PublicUser } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { UserEvents } from '../users/user-events';
import { asUser, columns, type UserRow } from '../users/users.repository';

/** `unchanged`: he is there, and his claims are those that are known, or older ones. */
export type ForeignOutcome = 'created' | 'updated' | 'unchanged' | 'deleted';

export interface ServerUser {
  id: string;
  issuer: string;
  externalId: string;
  name: string;
  /** Undefined: as it is. */
  picture: string | null | undefined;
}

@Injectable()
export class ForeignUsersRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly events: UserEvents,
  ) {}

  /**
   * Makes the user, or lets him follow his claims, and tells it. What he has set himself stays until a claim changes;
   * a name that is not claimed is left as it is.
   */
  put({ id, issuer, externalId, name, picture, claimedAt }: ForeignUser): Promise<ForeignOutcome> {
    const claims = sql`${JSON.stringify({ name, picture })}::jsonb`;
    return this.store.transaction().execute(async (trx) => {
      const { rows } = await sql<UserRow>`
        insert into users (id, state, name, picture, issuer, external_id, claims, claimed_at, version, attempt,
          attempted_at, created_at)
        values (${id}, 'active', ${name ?? standInName(id)}, ${picture}, ${issuer}, ${externalId}, ${claims},
          ${claimedAt}, 1, 0, clock_timestamp(), clock_timestamp())
        on conflict (id) do update set
          name = case when users.claims ->> 'name' is distinct from ${name}::text
            then coalesce(${name}::text, users.name) else users.name end,
          picture = case when users.claims ->> 'picture' is distinct from ${picture}::text
            then ${picture}::text else users.picture end,
          claims = excluded.claims, claimed_at = excluded.claimed_at, version = users.version + 1
        where users.state = 'active' and users.claims is distinct from excluded.claims
          and coalesce(users.claimed_at, -1) < excluded.claimed_at
        returning ${columns}`.execute(trx);
      const [row] = rows;
      if (row !== undefined) {
        const outcome = row.version === 1 ? 'created' : 'updated';
        await this.events.tell(trx, `user.${outcome}`, row);
        return outcome;
      }
      const there = sql`select 1 from users where id = ${id} and state = 'active'`;
      return (await there.execute(trx)).rows.length === 1 ? 'unchanged' : 'deleted';
    });
  }

  /** Makes the user, or sets his name and picture, and tells what is new; `undefined` for one who was deleted. */
  set({ id, issuer, externalId, name, picture }: ServerUser): Promise<PublicUser | undefined> {
    const kept = picture === undefined;
    return this.store.transaction().execute(async (trx) => {
      const { rows } = await sql<UserRow>`
        insert into users (id, state, name, picture, issuer, external_id, version, attempt, attempted_at, created_at)
        values (${id}, 'active', ${name}, ${picture ?? null}, ${issuer}, ${externalId}, 1, 0, clock_timestamp(),
          clock_timestamp())
        on conflict (id) do update set name = excluded.name, version = users.version + 1,
          picture = case when ${kept} then users.picture else excluded.picture end
        where users.state = 'active' and (users.name <> excluded.name
          or not ${kept} and users.picture is distinct from excluded.picture)
        returning ${columns}`.execute(trx);
      const [row] = rows;
      if (row !== undefined) {
        await this.events.tell(trx, row.version === 1 ? 'user.created' : 'user.updated', row);
        return asUser(row);
      }
      const there = sql<UserRow>`select ${columns} from users where id = ${id} and state = 'active'`;
      return (await there.execute(trx)).rows.map(asUser)[0];
    });
  }
}

/** Whoever is not named is told from others by how his id begins. */
export const standInName = (id: string): string => `user-${id.slice(0, 8)}`;
