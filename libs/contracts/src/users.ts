import { z } from 'zod';
import { atLeast, atMost, displayName, instant, limit, searchText, storable, userId } from './values';

/** E-mails are compared without regard to case; they are kept as given, trimmed to lower case. */
export const email = z
  .string()
  .max(254)
  .transform((v) => v.trim().toLowerCase())
  .pipe(z.email('an e-mail address'))
  .meta({ description: 'An e-mail address; compared without regard to case.' });

/**
 * Lengths of a password in code points. Two more than the least that ASVS and NIST 800-63B allow beside a second
 * factor, as there is none here; a passphrase of any length that people type fits.
 */
export const passwordLength = { least: 10, most: 512 } as const;

/** A password that is shown, of any rules; never trimmed, never cut. */
export const shownPassword = z
  .string()
  .min(1)
  .refine((v) => atMost(v, passwordLength.most), `at most ${passwordLength.most} characters`);

/** A password that is chosen; those that are guessed first are refused as `weak_password`. */
export const password = shownPassword
  .refine((v) => atLeast(v, passwordLength.least), `at least ${passwordLength.least} characters`)
  .refine((v) => v.isWellFormed(), 'no lone surrogates')
  .meta({
    description:
      '10 to 512 code points of any sort, kept to the letter, and not one of the first that are guessed.',
    minLength: passwordLength.least,
    maxLength: passwordLength.most,
  });

export const statusMessage = z
  .string()
  .max(140)
  .refine((v) => v.isWellFormed() && !/\p{Cc}/u.test(v), 'at most 140 printable characters')
  .meta({ description: 'At most 140 printable characters; empty when there is none.' });

/** Where a picture is: fetched by clients, never by Maru. */
export const pictureUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine(storable, 'no U+0000 and no lone surrogates')
  .meta({ description: 'An http or https address of at most 2,048 characters.' });

export const signUp = z.strictObject({ email, name: displayName, password });
export type SignUp = z.infer<typeof signUp>;

export const updateMe = z
  .strictObject({ name: displayName.optional(), statusMessage: statusMessage.optional() })
  .refine((v) => Object.keys(v).length > 0, 'name or statusMessage');
export type UpdateMe = z.infer<typeof updateMe>;

/** What others see of a user. `picture` is there when he has one, `kind` for the one in whose name the server speaks. */
export const publicUser = z
  .object({
    id: userId,
    name: displayName,
    statusMessage,
    picture: pictureUrl.optional(),
    kind: z.literal('system').optional(),
    createdAt: instant,
  })
  .meta({ id: 'User' });
export type PublicUser = z.infer<typeof publicUser>;

/** What a user sees of himself after sign-up. One who logs in elsewhere has no e-mail here. */
export const ownUser = publicUser.extend({ email: z.string().nullable() }).meta({ id: 'OwnUser' });
export type OwnUser = z.infer<typeof ownUser>;

/** `GET /users/me`: with the times that api-users learns from `auth.events`. */
export const me = ownUser
  .extend({ lastLoginAt: instant.nullable(), lastLogoutAt: instant.nullable() })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof me>;

/** The answer to `DELETE /users/me`. */
export const deletedUser = z.object({ id: userId });

export const findUsers = z.object({ query: searchText, limit });
export type FindUsers = z.infer<typeof findUsers>;

export const userPage = z.object({ items: z.array(publicUser) });

/** Internal, `POST /internal/users/existing {ids}` of api-users: which of them are active users. At most 1,000. */
export const existingUsers = z.object({ ids: z.array(userId).max(1000) });
export type ExistingUsers = z.infer<typeof existingUsers>;

/** What another issuer, or a team's back end, calls a user. */
export const externalId = z.string().min(1).max(255).refine(storable, 'no U+0000 and no lone surrogates');

/**
 * Internal, `PUT /internal/users/:userId` of api-users: a user of another issuer, as a token of his says. Idempotent:
 * makes him when he is not there, and follows his claims; those of older tokens (`claimedAt`, in s) change nothing.
 */
export const foreignUser = z.strictObject({
  id: userId,
  issuer: z.string().min(1).max(255),
  externalId,
  name: displayName.nullable(),
  picture: pictureUrl.nullable(),
  claimedAt: z.int().min(0),
});
export type ForeignUser = z.infer<typeof foreignUser>;

/**
 * `users.events`, key userId. `version` grows by one with each event of a user, so that a consumer can drop
 * what is old. No e-mail: other services have no need of it.
 */
export const userEvent = { userId, version: z.int().min(1), at: instant };
const profile = { name: displayName, statusMessage, picture: pictureUrl.optional() };
export const userCreated = z.object({ ...userEvent, ...profile });
export const userUpdated = z.object({ ...userEvent, ...profile });
export const userDeleted = z.object({ ...userEvent });
export type UserCreated = z.infer<typeof userCreated>;
export type UserUpdated = z.infer<typeof userUpdated>;
export type UserDeleted = z.infer<typeof userDeleted>;
