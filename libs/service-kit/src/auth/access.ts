import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';

/** Who asks: from the access token, never from the payload. `expiresAt` in seconds since 1970. */
export interface Identity {
  userId: string;
  sessionId: string;
  expiresAt: number;
}

export type Access = 'public' | 'internal';
export const accessKey = 'maru:access';

/** The route needs no token. */
export const Public = () => SetMetadata(accessKey, 'public' satisfies Access);
/** The route is for other services, which show INTERNAL_SECRET; the public door hides it. */
export const Internal = () => SetMetadata(accessKey, 'internal' satisfies Access);

/** The identity of the token that the request carries. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<{ identity: Identity }>().identity,
);
