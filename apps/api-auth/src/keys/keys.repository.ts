import { Inject, Injectable } from '@nestjs/common';
import { type Kysely, sql, type Transaction } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

/** RFC 8037: `x` the public half, `d` the private one. */
export interface Ed25519Jwk {
  kty: 'OKP';
  crv: string;
  x: string;
  d: string;
}

export interface SigningKeyRow {
  kid: string;
  privateJwk: Ed25519Jwk;
  /** False while verifiers get time to learn of it, and after it was retired. */
  signs: boolean;
}

/** A retired key is shown for so long, that the tokens it signed stay good. */
const shownAfterRetirement = '1 hour';

@Injectable()
export class KeysRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /**
   * The keys of the key set, the newest first. By the statement's time: who has waited in `alone` began his transaction before the
   * one that made the first key, perhaps.
   */
  async list(db: Kysely<never> = this.store): Promise<SigningKeyRow[]> {
    const query = sql<SigningKeyRow>`
      select kid, private_jwk as "privateJwk", active_from <= statement_timestamp() and retired_at is null as signs
      from signing_keys where retired_at is null or retired_at > now() - ${shownAfterRetirement}::interval
      order by active_from desc, kid`;
    return (await query.execute(db)).rows;
  }

  /** Runs `work` in one process at a time. */
  alone<T>(work: (trx: Transaction<never>) => Promise<T>): Promise<T> {
    return this.store.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(7346202)`.execute(trx);
      return work(trx);
    });
  }

  async add(trx: Transaction<never>, kid: string, privateJwk: Ed25519Jwk): Promise<void> {
    await sql`
      insert into signing_keys (kid, private_jwk) values (${kid}, ${JSON.stringify(privateJwk)}::jsonb)`.execute(
      trx,
    );
  }
}
