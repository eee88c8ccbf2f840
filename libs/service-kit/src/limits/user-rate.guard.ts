import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { ServerKey } from '@maru/contracts';
import type { Identity } from '../auth/access';
import type { RateLimit } from './rate-limits';

/** Stands behind the access guard: what one user, or one server key, may ask of this process over HTTP. */
@Injectable()
export class UserRateGuard implements CanActivate {
  constructor(
    private readonly ofUser: RateLimit,
    private readonly ofKey: RateLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const { identity, serverKey } = context
      .switchToHttp()
      .getRequest<{ identity?: Identity; serverKey?: ServerKey }>();
    if (identity !== undefined) await this.ofUser.take(identity.userId);
    if (serverKey !== undefined) await this.ofKey.take(serverKey.id);
    return true;
  }
}
