import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type CheckServerKey, CodedError, type ServerKey } from '@maru/contracts';
import { ServerKeysRepository } from './server-keys.repository';

@Injectable()
export class ServerKeysService {
  constructor(private readonly keys: ServerKeysRepository) {}

  /** @throws CodedError `unauthenticated` for a key that is none, has run out or was revoked. */
  async check({ id, hash }: CheckServerKey): Promise<ServerKey> {
    const row = await this.keys.find(id);
    if (row === undefined || !timingSafeEqual(row.hash, Buffer.from(hash, 'hex')))
      throw new CodedError('unauthenticated', 'This server key is none, or none any more.');
    return { id, name: row.name, scopes: row.scopes };
  }
}
