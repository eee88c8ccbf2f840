import { timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CodedError, type ServerKey, type ServerScope } from '@maru/contracts';
import type { Request } from 'express';
import type { Logger } from '../logging/logger';
import { type Access, accessKey, type Identity } from './access';
import type { ServerKeys } from './server-keys';
import type { TokenVerifier } from './token-verifier';

export const internalSecretHeader = 'x-maru-internal';

type Asked = Request & { identity?: Identity; serverKey?: ServerKey };

export interface Verifiers {
  tokens: TokenVerifier;
  serverKeys: ServerKeys;
  internalSecret: string;
}

/**
 * Stands before every HTTP route: a route without `@Public()`, `@Internal()` or `@ForServer()` needs a user's token.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifiers: Verifiers,
    private readonly logger: Logger,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Kafka handlers come here as well: what is on the log has passed a door already.
    if (context.getType() !== 'http') return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(accessKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    const request = context.switchToHttp().getRequest<Asked>();
    if (access === 'public') return true;
    if (access === 'internal') return this.checkSecret(request.headers[internalSecretHeader]);
    const token = bearer(request.headers.authorization);
    if (access === undefined) request.identity = await this.verifiers.tokens.verify(token);
    else await this.checkServerKey(request, token, access.scope);
    return true;
  }

  /** Each use of a key is told in the log, by the key's id. */
  private async checkServerKey(request: Asked, token: string, scope: ServerScope): Promise<void> {
    const key = await this.verifiers.serverKeys.verify(token);
    const { path } = (request.route ?? {}) as { path?: string };
    const told = { keyId: key.id, method: request.method, route: path, id: request.params['id'] };
    if (!key.scopes.includes(scope)) {
      this.logger.warn({ event: 'server_key_refused', ...told, scope });
      throw new CodedError('forbidden', `This server key has not the scope ${scope}.`);
    }
    this.logger.info({ event: 'server_key_used', ...told });
    request.serverKey = key;
  }

  private checkSecret(shown: string | string[] | undefined): true {
    const given = Buffer.from(typeof shown === 'string' ? shown : '');
    const secret = Buffer.from(this.verifiers.internalSecret);
    // An internal route does not exist for anybody else.
    if (given.length !== secret.length || !timingSafeEqual(given, secret)) throw new CodedError('not_found');
    return true;
  }
}

function bearer(header: string | undefined): string {
  const match = /^Bearer ([\w.~+/=-]+)$/i.exec(header ?? '');
  if (match?.[1] === undefined) throw new CodedError('unauthenticated');
  return match[1];
}
