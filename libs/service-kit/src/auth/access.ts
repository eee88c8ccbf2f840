import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { ServerScope } from '@maru/contracts';

/** Who asks: from the access token, never from the payload. Times in seconds since 1970. */
export interface Identity {
  userId: string;
  sessionId: string;
  issuedAt: number;
  expiresAt: number;
}

export type Access = 'public' | 'internal' | { scope: ServerScope };
export const accessKey = 'maru:access';

/** The route needs no token. */
export const Public = () => SetMetadata(accessKey, 'public' satisfies Access);
/** The route is for other services, which show INTERNAL_SECRET; the public door hides it. */
export const Internal = () => SetMetadata(accessKey, 'internal' satisfies Access);

/** The route is for a team's back end, which shows a server key with this scope. */
export const ForServer = (scope: ServerScope) => SetMetadata(accessKey, { scope } satisfies Access);

/** The identity of the token that the request carries. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<{ identity: Identity }>().identity,
);
