import { createHmac, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type UseTicket } from '@maru/contracts';
import { AUTH_CLIENT, EndedSessions, type Identity, InternalClient } from '@maru/service-kit';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';

const seconds = 30;
const claims = z.object({
  ...{ sub: z.string(), sid: z.string(), jti: z.uuid() },
  ...{ issued: z.number(), end: z.number() },
});
const rules = { audience: 'stream', typ: 'ticket+jwt', algorithms: ['HS256'] };

/**
 * Tickets for who can send no header (EventSource): signed, so that any gateway takes one, for 30 s and once, since api-auth
 * knows which were used.
 */
@Injectable()
export class Tickets {
  private readonly key: Uint8Array;

  constructor(
    @Inject(GATEWAY_ENV) { INTERNAL_SECRET }: Pick<GatewayEnv, 'INTERNAL_SECRET'>,
    @Inject(AUTH_CLIENT) private readonly auth: InternalClient,
    @Inject(EndedSessions) private readonly ended: Pick<EndedSessions, 'has'>,
  ) {
    this.key = createHmac('sha256', INTERNAL_SECRET).update('stream tickets').digest();
  }

  async issue(of: Identity): Promise<{ ticket: string; expiresAt: string }> {
    const until = Math.floor(Date.now() / 1000) + seconds;
    const ticket = await new SignJWT({ sid: of.sessionId, issued: of.issuedAt, end: of.expiresAt })
      .setProtectedHeader({ alg: 'HS256', typ: rules.typ })
      .setSubject(of.userId)
      .setAudience(rules.audience)
      .setJti(randomUUID())
      .setExpirationTime(until)
      .sign(this.key);
    return { ticket, expiresAt: new Date(until * 1000).toISOString() };
  }

  /** @throws CodedError `unauthenticated` for one that is none, is too old or was used; `session_ended`; `unavailable` */
  async use(ticket: string): Promise<Identity> {
    const { sub, sid, issued, end, jti } = await this.read(ticket);
    const identity = { userId: sub, sessionId: sid, issuedAt: issued, expiresAt: end };
    if (this.ended.has(identity)) throw new CodedError('session_ended');
    const use: UseTicket = {
      by: randomUUID(),
      until: new Date(Date.now() + 2 * seconds * 1000).toISOString(),
    };
    const { mine } = await this.auth.call<{ mine: boolean }>('PUT', `/internal/tickets/${jti}`, use);
    if (!mine) throw refusal();
    return identity;
  }

  private async read(ticket: string) {
    try {
      return claims.parse((await jwtVerify(ticket, this.key, rules)).payload);
    } catch {
      throw refusal();
    }
  }
}

const refusal = () =>
  new CodedError(
    'unauthenticated',
    'This ticket is none, was used, or is older than 30 s: get another by POST /api/stream/ticket.',
  );
