import { z } from 'zod';
import { content, createRoom, retentionDays } from './chat';
import { externalId, pictureUrl } from './users';
import { clientId, displayName, instant, messageKind, userId } from './values';

/** What a server key may do. `sessions:write` gives out tokens of users as well. */
export const serverScopes = ['users:write', 'rooms:write', 'messages:write', 'sessions:write'] as const;
export const serverScope = z.enum(serverScopes);
export type ServerScope = z.infer<typeof serverScope>;

/** What begins a server key, so that people and scanners of secrets know one. */
export const serverKeyPrefix = 'maru_sk_';

/** Who speaks when a team's back end does and names no user. No token is ever his, and nobody writes to him. */
export const systemUserId = '5a7e9d3c-1b2f-4c8e-9a6d-0f4b8e2d7c10';

/** `issuer`: one of AUTH_ISSUERS, whose tokens call this user `externalId`; without it he is the back end's own. */
export const putServerUser = z.strictObject({
  name: displayName,
  picture: pictureUrl.nullable().optional(),
  issuer: z.string().min(1).max(255).optional(),
});
export type PutServerUser = z.infer<typeof putServerUser>;
export const externalIdParam = externalId.meta({ description: 'The id of a user in your product.' });

/** Without an owner the room is the system's: a back end adds its members, who may leave; it is not renamed or deleted. */
export const createServerRoom = createRoom.extend({ ownerId: userId.optional() });
export type CreateServerRoom = z.infer<typeof createServerRoom>;

/** `null`: the room goes by the server's HISTORY_RETENTION_DAYS again. */
export const updateServerRoom = z.strictObject({ retentionDays: retentionDays.nullable() });
export type UpdateServerRoom = z.infer<typeof updateServerRoom>;

/** Of the system, or of `asUserId`, who must be a member. `kind`: `system` or `text` when it is left out. */
export const postServerMessage = z.strictObject({
  id: clientId.optional(),
  asUserId: userId.optional(),
  ...content,
  kind: messageKind.optional(),
});
export type PostServerMessage = z.infer<typeof postServerMessage>;

/** The answer to `DELETE /server/users/:id/sessions`: tokens issued at `at` or before are refused from now on. */
export const endedSessions = z.object({ userId, at: instant });

/** An access token alone: when it runs out the back end gets another. `expiresIn` in seconds. */
export const accessToken = z
  .object({ accessToken: z.string(), expiresIn: z.int() })
  .meta({ id: 'AccessToken' });
export type AccessToken = z.infer<typeof accessToken>;

/** Internal, `POST /internal/server-keys/check` of api-auth: the key's id, and SHA-256 of its secret in hex. */
export const checkServerKey = z.strictObject({
  id: z.string().min(1).max(32),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type CheckServerKey = z.infer<typeof checkServerKey>;

/** A key that is good, as api-auth tells verifiers. */
export interface ServerKey {
  id: string;
  name: string;
  scopes: ServerScope[];
}
