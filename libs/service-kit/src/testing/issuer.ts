import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
}

/** Another issuer: its key set over HTTP, tokens of any sort, keys that come and go. */
export class Issuer {
  readonly keys: JWK[] = [];
  /** How often its key set was asked for. */
  asked = 0;
  /** `mute` takes requests and answers none. */
  state: 'up' | 'mute' | 'broken' = 'up';

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = new Issuer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    server.on('request', (_, response) => {
      issuer.asked++;
      if (issuer.state === 'mute') return;
      response.setHeader('content-type', 'application/json');
      response.end(issuer.state === 'up' ? JSON.stringify({ keys: issuer.keys }) : '<html>');
    });
    return issuer;
  }

  async addKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    this.keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
    return { kid, alg, privateKey };
  }

  /** A good token but for what is given; a claim that is undefined is left out. */
  sign({ kid, alg, privateKey }: SigningKey, claims: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: this.url, aud: 'shop', sub: 'customer-1', name: 'Ann', iat: now, exp: now + 600 };
    return new SignJWT({ ...right, ...claims }).setProtectedHeader({ alg, kid }).sign(privateKey);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
