import { timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CodedError } from '@maru/contracts';
import type { Request } from 'express';
import { type Access, accessKey, type Identity } from './access';
import type { TokenVerifier } from './token-verifier';

export const internalSecretHeader = 'x-maru-internal';

/** Stands before every HTTP route: a route without `@Public()` or `@Internal()` needs a user's token. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly internalSecret: string,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Kafka handlers come here as well: what is on the log has passed a door already.
    if (context.getType() !== 'http') return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(accessKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    const request = context.switchToHttp().getRequest<Request & { identity?: Identity }>();
    if (access === 'public') return true;
    if (access === 'internal') return this.checkSecret(request.headers[internalSecretHeader]);
    request.identity = await this.verifier.verify(bearer(request.headers.authorization));
    return true;
  }

  private checkSecret(shown: string | string[] | undefined): true {
    const given = Buffer.from(typeof shown === 'string' ? shown : '');
    const secret = Buffer.from(this.internalSecret);
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
