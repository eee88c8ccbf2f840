import { randomBytes } from 'node:crypto';
import { serverKeyPrefix } from '@maru/contracts';
import { readServerKey } from '@maru/service-kit';

export interface MadeServerKey {
  id: string;
  /** Shown once: only its hash is kept. */
  key: string;
  hash: Buffer;
}

/** 256 random bits. A fast hash will do, since there is nothing to be guessed. */
export function makeServerKey(): MadeServerKey {
  const id = randomBytes(8).toString('hex');
  const key = `${serverKeyPrefix}${id}_${randomBytes(32).toString('base64url')}`;
  return { id, key, hash: Buffer.from(readServerKey(key)?.hash ?? '', 'hex') };
}
