import { createHash, createHmac, randomBytes } from 'node:crypto';

/** 256 random bits. Only its hash is stored; a fast one will do, since there is nothing to be guessed. */
export const newRefreshToken = (): string => randomBytes(32).toString('base64url');

/** The same for the same renewal, and known to nobody who has not both: the token used up by it, and its id. */
export const refreshTokenOf = (used: string, id: string): string =>
  createHmac('sha256', used).update(id).digest('base64url');

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
