import { Inject, Injectable } from '@nestjs/common';
import type { ServerScope } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

export interface ServerKeyRow {
  id: string;
  name: string;
  scopes: ServerScope[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export interface NewServerKey {
  id: string;
  name: string;
  scopes: readonly ServerScope[];
  hash: Buffer;
}

const columns = sql`id, name, scopes, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt"`;
const good = sql`revoked_at is null and (expires_at is null or expires_at > now())`;

@Injectable()
export class ServerKeysRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** A key that is good, with the hash of its secret. */
  async find(id: string): Promise<(ServerKeyRow & { hash: Buffer }) | undefined> {
    const query = sql<ServerKeyRow & { hash: Buffer }>`
      select ${columns}, hash from server_keys where id = ${id} and ${good}`;
    return (await query.execute(this.store)).rows[0];
  }

  /** All that ever were, the newest first. */
  async list(): Promise<ServerKeyRow[]> {
    const query = sql<ServerKeyRow>`select ${columns} from server_keys order by created_at desc, id`;
    return (await query.execute(this.store)).rows;
  }

  async add({ id, name, scopes, hash }: NewServerKey, db: Kysely<never> = this.store): Promise<void> {
    await sql`
      insert into server_keys (id, name, scopes, hash) values (${id}, ${name}, ${scopes}::text[], ${hash})`.execute(
      db,
    );
  }

  /** False when there is no such key that is good. */
  async revoke(id: string): Promise<boolean> {
    const query = sql`update server_keys set revoked_at = now() where id = ${id} and ${good}`;
    return (await query.execute(this.store)).numAffectedRows === 1n;
  }

  /** A key in the place of another, which is good for so many hours more; `undefined` when that one is not. */
  async replace(
    old: string,
    next: Pick<NewServerKey, 'id' | 'hash'>,
    hours: number,
  ): Promise<ServerKeyRow | undefined> {
    return this.store.transaction().execute(async (trx) => {
      const { rows } = await sql<ServerKeyRow>`
        update server_keys set expires_at = least(expires_at, now() + ${hours} * interval '1 hour')
        where id = ${old} and ${good} returning ${columns}`.execute(trx);
      const [row] = rows;
      if (row !== undefined) await this.add({ ...next, name: row.name, scopes: row.scopes }, trx);
      return row;
    });
  }
}
