import { Injectable } from '@nestjs/common';
import { CodedError, type Refresh, type Session, type Tokens } from '@maru/contracts';
import { OutboxRelay } from '@maru/postgres';
import type { Identity } from '@maru/service-kit';
import { TokensService } from '../keys/tokens.service';
import { hashOf, newRefreshToken, refreshTokenOf } from './refresh-token';
import { SessionsRepository } from './sessions.repository';

@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly tokens: TokensService,
    private readonly outbox: OutboxRelay<never>,
  ) {}

  /**
   * New tokens for a refresh token, which is used up by that. One that was used before ends its session: either
   * this caller or the one before has it from somebody else. The same under the same id is one renewal whose answer
   * was lost, until the token that it gave is used.
   */
  async refresh({ refreshToken, id }: Refresh): Promise<Tokens> {
    const hash = hashOf(refreshToken);
    const owner = await this.sessions.findByToken(hash);
    if (owner === undefined) throw new CodedError('refresh_token_invalid');
    const next = id === undefined ? newRefreshToken() : refreshTokenOf(refreshToken, id);
    const renewed = await this.sessions.forUser(owner.userId, async (trx) => {
      const session = await this.sessions.findByToken(hash, trx);
      if (session === undefined) return false;
      if (session.used) {
        const given = await this.sessions.findByToken(hashOf(next), trx);
        if (given?.used === false) return true;
        await this.sessions.end(trx, session.userId, session.sessionId, 'refresh_reused');
        return false;
      }
      await this.sessions.rotate(trx, session.sessionId, hash, hashOf(next));
      return true;
    });
    this.outbox.wake();
    if (!renewed) throw new CodedError('refresh_token_invalid');
    return this.tokens.issue(owner, next);
  }

  /** Ends the session of this refresh token, used or not. One that is not known is ended already. */
  async logOut(token: string): Promise<void> {
    const owner = await this.sessions.findByToken(hashOf(token));
    if (owner === undefined) return;
    await this.sessions.forUser(owner.userId, (trx) => this.sessions.end(trx, owner.userId, owner.sessionId));
    this.outbox.wake();
  }

  /** The same for who shows an access token. @throws CodedError `session_ended` when it had ended already. */
  async logOutOf({ userId, sessionId }: Pick<Identity, 'userId' | 'sessionId'>): Promise<{ id: string }> {
    const ended = await this.sessions.forUser(userId, (trx) => this.sessions.end(trx, userId, sessionId));
    if (!ended) throw new CodedError('session_ended');
    this.outbox.wake();
    return { id: sessionId };
  }

  async list({ userId, sessionId }: Identity): Promise<{ items: Session[] }> {
    const rows = await this.sessions.list(userId);
    return {
      items: rows.map((row) => ({
        id: row.id,
        createdAt: row.createdAt.toISOString(),
        lastUsedAt: row.lastUsedAt.toISOString(),
        userAgent: row.userAgent,
        current: row.id === sessionId,
      })),
    };
  }

  /** @throws CodedError `session_not_found` when it is not one of this user's. */
  async end(userId: string, sessionId: string): Promise<void> {
    const ended = await this.sessions.forUser(userId, (trx) =>
      this.sessions.end(trx, userId, sessionId, 'by_user'),
    );
    if (!ended) throw new CodedError('session_not_found');
    this.outbox.wake();
  }
}
