import { Inject, Injectable } from '@nestjs/common';
import {
  eventContracts,
  type SessionEnded,
  type SessionRevoked,
  type SessionsRevoked,
} from '@maru/contracts';
import { addToOutbox, type Kysely, sql, type Transaction } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { AUTH_ENV, type AuthEnv } from '../auth.config';

export interface SessionRow {
  id: string;
  userAgent: string;
  createdAt: Date;
  lastUsedAt: Date;
}

export interface SessionOfToken {
  sessionId: string;
  userId: string;
  used: boolean;
}

@Injectable()
export class SessionsRepository {
  /** How long a session lasts without a refresh. */
  private readonly lifetime: string;

  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    @Inject(AUTH_ENV) env: AuthEnv,
  ) {
    this.lifetime = `${env.REFRESH_TOKEN_DAYS} days`;
  }

  /** Runs `work` alone for this user: his events leave in the order in which their transactions commit. */
  forUser<T>(userId: string, work: (trx: Transaction<never>) => Promise<T>): Promise<T> {
    return this.store.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 1))`.execute(trx);
      return work(trx);
    });
  }

  /** Whose token this is, used or not; `undefined` when its session is over or it was none of ours. */
  async findByToken(hash: Buffer, db: Kysely<never> = this.store): Promise<SessionOfToken | undefined> {
    const query = sql<SessionOfToken>`
      select s.id as "sessionId", s.user_id as "userId", t.used_at is not null as used
      from refresh_tokens t join sessions s on s.id = t.session_id
      where t.hash = ${hash} and s.last_used_at > now() - ${this.lifetime}::interval`;
    return (await query.execute(db)).rows[0];
  }

  /** The user's sessions, the newest first. */
  async list(userId: string): Promise<SessionRow[]> {
    const query = sql<SessionRow>`
      select id, user_agent as "userAgent", created_at as "createdAt", last_used_at as "lastUsedAt"
      from sessions where user_id = ${userId} and last_used_at > now() - ${this.lifetime}::interval
      order by created_at desc, id`;
    return (await query.execute(this.store)).rows;
  }

  async has(trx: Transaction<never>, sessionId: string): Promise<boolean> {
    const query = sql`select 1 from sessions where id = ${sessionId}`;
    return (await query.execute(trx)).rows.length === 1;
  }

  async add(trx: Transaction<never>, userId: string, sessionId: string, userAgent: string): Promise<void> {
    await sql`insert into sessions (id, user_id, user_agent) values (${sessionId}, ${userId}, ${userAgent})`.execute(
      trx,
    );
    await this.tell(trx, 'session.started', { userId, sessionId, at: new Date().toISOString() });
  }

  async addToken(trx: Transaction<never>, sessionId: string, hash: Buffer): Promise<void> {
    await sql`insert into refresh_tokens (hash, session_id) values (${hash}, ${sessionId})`.execute(trx);
  }

  /** From now on `old` is used, and `next` the session's token. */
  async rotate(trx: Transaction<never>, sessionId: string, old: Buffer, next: Buffer): Promise<void> {
    await sql`update refresh_tokens set used_at = now() where hash = ${old}`.execute(trx);
    await sql`update sessions set last_used_at = now() where id = ${sessionId}`.execute(trx);
    await this.addToken(trx, sessionId, next);
  }

  /** Ends a session of this user; false when he has none of this id. Without a reason it was his log-out. */
  async end(
    trx: Transaction<never>,
    userId: string,
    sessionId: string,
    reason?: SessionRevoked['reason'],
  ): Promise<boolean> {
    const { numAffectedRows } =
      await sql`delete from sessions where id = ${sessionId} and user_id = ${userId}`.execute(trx);
    if (numAffectedRows !== 1n) return false;
    const event = { userId, sessionId, at: new Date().toISOString() };
    if (reason === undefined) await this.tell(trx, 'session.ended', event);
    else await this.tell(trx, 'session.revoked', { ...event, reason });
    return true;
  }

  /** Ends all of this user's sessions but one; returns how many those were. */
  async endOthers(
    trx: Transaction<never>,
    userId: string,
    kept: string | null,
    reason: SessionRevoked['reason'],
  ): Promise<number> {
    const query = sql<{ id: string }>`
      select id from sessions where user_id = ${userId} and id is distinct from ${kept}::uuid order by id`;
    const { rows } = await query.execute(trx);
    for (const { id } of rows) await this.end(trx, userId, id, reason);
    return rows.length;
  }

  /** Ends all of this user's sessions, those that stand nowhere here too: tokens issued until now are good for nothing. */
  async endAll(
    trx: Transaction<never>,
    userId: string,
    reason: SessionsRevoked['reason'],
  ): Promise<SessionsRevoked> {
    await this.endOthers(trx, userId, null, reason);
    const event = { userId, at: new Date().toISOString(), reason };
    await this.tell(trx, 'sessions.revoked', event);
    return event;
  }

  /** Forgets the user's sessions that ran out, and used tokens that are older than any session lasts. */
  async forgetOld(trx: Transaction<never>, userId: string): Promise<void> {
    const limit = sql`now() - ${this.lifetime}::interval`;
    await sql`delete from sessions where user_id = ${userId} and last_used_at <= ${limit}`.execute(trx);
    await sql`
      delete from refresh_tokens using sessions
      where session_id = sessions.id and user_id = ${userId} and used_at <= ${limit}`.execute(trx);
  }

  private tell(
    trx: Transaction<never>,
    type: 'session.started' | 'session.ended' | 'session.revoked' | 'sessions.revoked',
    event: SessionEnded | SessionRevoked | SessionsRevoked,
  ): Promise<void> {
    const { topic } = eventContracts[type];
    return addToOutbox(trx, { topic, key: event.userId, type, value: JSON.stringify(event) });
  }
}
