import { errors } from 'jose';

/** Whether a key set could not be had: no answer in time, none at all (fetch's TypeError), or not a key set. */
export function isOfKeySet(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (error instanceof errors.JOSEError) return error.code === 'ERR_JOSE_GENERIC';
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TypeError';
}
