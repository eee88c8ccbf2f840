import { z } from 'zod';
import { email, ownUser, password, shownPassword } from './users';
import { instant, userId } from './values';

/** A log-in takes any non-empty password, so that rules made stricter later lock nobody out. */
export const logIn = z.strictObject({ email, password: shownPassword });
export type LogIn = z.infer<typeof logIn>;

export const refreshToken = z.strictObject({ refreshToken: z.string().min(1).max(256) });
export type RefreshToken = z.infer<typeof refreshToken>;

/** With an `id`, new for each renewal, a repeat whose answer was lost gets the same refresh token. */
export const refresh = refreshToken.extend({
  id: z
    .string()
    .regex(/^[\w-]{16,64}$/, 'must be 16 to 64 letters, digits, - or _, which nobody can guess')
    .optional(),
});
export type Refresh = z.infer<typeof refresh>;

export const changePassword = z.strictObject({
  currentPassword: shownPassword,
  newPassword: password,
});
export type ChangePassword = z.infer<typeof changePassword>;

/** `expiresIn`: seconds until the access token runs out. */
export const tokens = z
  .object({ accessToken: z.string(), refreshToken: z.string(), expiresIn: z.int() })
  .meta({ id: 'Tokens' });
export type Tokens = z.infer<typeof tokens>;

export const loggedIn = tokens.extend({ user: ownUser }).meta({ id: 'LoggedIn' });
export type LoggedIn = z.infer<typeof loggedIn>;

export const sessionId = z.uuid().meta({ description: 'A session: one log-in of a user.' });
export const session = z
  .object({
    id: sessionId,
    createdAt: instant,
    lastUsedAt: instant,
    userAgent: z.string(),
    current: z.boolean(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof session>;
export const sessionPage = z.object({ items: z.array(session) });
/** The answer to `DELETE /auth/sessions/:id`. */
export const endedSession = z.object({ id: sessionId });
/** The answer to `POST /auth/password`: how many other sessions that ended. */
export const passwordChanged = z.object({ endedSessions: z.int() });

/** Claims of an access token: `sub` the user, `sid` the session, `typ` header `at+jwt`. */
export const accessClaims = z.object({ sub: userId, sid: z.uuid(), exp: z.number(), iat: z.number() });
export type AccessClaims = z.infer<typeof accessClaims>;

/**
 * Internal, `PUT /internal/credentials/:userId` of api-auth: idempotent; refused with `signup_in_progress`
 * when a higher `attempt` for this e-mail is there already.
 */
export const putCredential = z.strictObject({ email, password, attempt: z.int().min(1) });
export type PutCredential = z.infer<typeof putCredential>;

/**
 * Internal, `PUT /internal/tickets/:id` of api-auth, answered with `{mine}`: whether the ticket was first used by `by`, who
 * may ask again. `until`: so long it is remembered.
 */
export const useTicket = z.strictObject({ by: z.uuid(), until: instant });
export type UseTicket = z.infer<typeof useTicket>;

/** `auth.events`, key userId. */
const sessionEvent = { userId, sessionId: z.uuid(), at: instant };
export const sessionStarted = z.object(sessionEvent);
/** Ended by its own user's log-out. */
export const sessionEnded = z.object(sessionEvent);
/** Ended by anything else: another session, a changed password, a refresh token used twice, a deleted user. */
export const sessionRevoked = z.object({
  ...sessionEvent,
  reason: z.enum(['by_user', 'password_changed', 'refresh_reused', 'user_deleted', 'by_server']),
});
/** All of a user's sessions that began at `at` or before, those of other issuers too. */
export const sessionsRevoked = z.object({
  userId,
  at: instant,
  reason: z.enum(['user_deleted', 'by_server']),
});
export type SessionStarted = z.infer<typeof sessionStarted>;
export type SessionEnded = z.infer<typeof sessionEnded>;
export type SessionRevoked = z.infer<typeof sessionRevoked>;
export type SessionsRevoked = z.infer<typeof sessionsRevoked>;

export const accessTokenSeconds = 15 * 60;
