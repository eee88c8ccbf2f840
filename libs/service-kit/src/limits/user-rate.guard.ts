import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Identity } from '../auth/access';
import type { RateLimit } from './rate-limits';

/** Stands behind the access guard: what one user may ask of this process over HTTP. */
@Injectable()
export class UserRateGuard implements CanActivate {
  constructor(private readonly limit: RateLimit) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const { identity } = context.switchToHttp().getRequest<{ identity?: Identity }>();
    if (identity !== undefined) await this.limit.take(identity.userId);
    return true;
  }
}
