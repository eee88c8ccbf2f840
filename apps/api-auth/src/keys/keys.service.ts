import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { KeysRepository, type SigningKeyRow } from './keys.repository';

/** So long after another instance has changed the table this one knows it too. */
const reloadAfterMs = 30_000;

export interface SigningKey {
  kid: string;
  key: CryptoKey | Uint8Array;
}

interface LoadedKeys {
  loadedAt: number;
  signing: SigningKey;
  public: JWK[];
}

/**
 * The Ed25519 keys of access tokens, the same for all instances. To rotate: insert a key whose `active_from`
 * lies some minutes ahead, later set `retired_at` of the old one; verifiers fetch a key they don't know.
 */
@Injectable()
export class KeysService implements OnModuleInit {
  private loaded: Promise<LoadedKeys> | undefined;

  constructor(private readonly keys: KeysRepository) {}

  async onModuleInit(): Promise<void> {
    await this.current();
  }

  async signingKey(): Promise<SigningKey> {
    return (await this.current()).signing;
  }

  /** The public halves, as RFC 7517 has it. */
  async keySet(): Promise<{ keys: JWK[] }> {
    return { keys: (await this.current()).public };
  }

  private async current(): Promise<LoadedKeys> {
    const before = this.loaded;
    const known = await before;
    if (known && Date.now() - known.loadedAt < reloadAfterMs) return known;
    if (this.loaded === before) this.loaded = this.load(known);
    return this.loaded ?? this.load(known);
  }

  /** With the store away, what is known stays good. */
  private async load(known: LoadedKeys | undefined): Promise<LoadedKeys> {
    try {
      const rows = await this.keys.list();
      return await asKeys(rows.some((row) => row.signs) ? rows : await this.firstKey());
    } catch (error) {
      if (known === undefined) {
        this.loaded = undefined;
        throw error;
      }
      return { ...known, loadedAt: Date.now() };
    }
  }

  private firstKey(): Promise<SigningKeyRow[]> {
    return this.keys.alone(async (trx) => {
      const rows = await this.keys.list(trx);
      if (rows.some((row) => row.signs)) return rows;
      const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
      const { crv = '', x = '', d = '' } = await exportJWK(pair.privateKey);
      const jwk = { kty: 'OKP', crv, x, d } as const;
      await this.keys.add(trx, await calculateJwkThumbprint(jwk), jwk);
      return this.keys.list(trx);
    });
  }
}

async function asKeys(rows: SigningKeyRow[]): Promise<LoadedKeys> {
  const newest = rows.find((row) => row.signs);
  if (newest === undefined) throw new Error('There is no key to sign access tokens with.');
  const key = await importJWK(newest.privateJwk, 'EdDSA');
  return {
    loadedAt: Date.now(),
    signing: { kid: newest.kid, key },
    public: rows.map(({ kid, privateJwk: { kty, crv, x } }) => ({
      kty,
      crv,
      x,
      kid,
      alg: 'EdDSA',
      use: 'sig',
    })),
  };
}
