import { createHash } from 'node:crypto';
import { CodedError, type CheckServerKey, type ServerKey, serverKeyPrefix } from '@maru/contracts';
import type { InternalClient } from '../internal/internal-client';

/** How long a key is taken without asking again: so long a revoked one may go on. */
const rememberedMs = 30_000;
const most = 1000;

const form = new RegExp(`^${serverKeyPrefix}([0-9a-f]{16})_([A-Za-z0-9_-]{43})$`);

/** The id of a server key, and the hash by which api-auth knows it; `undefined` for what is no server key. */
export function readServerKey(token: string): CheckServerKey | undefined {
  const [, id, secret] = form.exec(token) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return { id, hash: createHash('sha256').update(secret).digest('hex') };
}

/** Server keys, as api-auth knows them: asked once in 30 s for each. */
export class ServerKeys {
  private readonly good = new Map<string, { until: number; key: ServerKey }>();
  private readonly asking = new Map<string, Promise<ServerKey>>();

  constructor(private readonly auth: InternalClient) {}

  /** @throws CodedError `unauthenticated` for what is no key, or none any more; `unavailable` with api-auth away. */
  async verify(token: string): Promise<ServerKey> {
    const shown = readServerKey(token);
    if (shown === undefined) throw new CodedError('unauthenticated', 'A server key is needed here.');
    const { id, hash } = shown;
    const known = this.good.get(hash);
    if (known && known.key.id === id && known.until > Date.now()) return known.key;
    this.good.delete(hash);
    const under = id + hash;
    const asking = this.asking.get(under) ?? this.ask(shown).finally(() => this.asking.delete(under));
    this.asking.set(under, asking);
    return asking;
  }

  private async ask(shown: CheckServerKey): Promise<ServerKey> {
    const until = Date.now() + rememberedMs;
    const key = await this.auth.call<ServerKey>('POST', '/internal/server-keys/check', shown);
    this.good.set(shown.hash, { until, key });
    if (this.good.size > most) {
      const [oldest = ''] = this.good.keys();
      this.good.delete(oldest);
    }
    return key;
  }
}
