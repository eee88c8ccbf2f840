import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** An issuer of tokens such as a product has one: RS256, its key set over HTTP. */
export class Issuer {
  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly privateKey: CryptoKey,
  ) {}

  static async start(): Promise<Issuer> {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const keys: JWK[] = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }];
    const server = createServer((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys })),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new Issuer(url, server, privateKey);
  }

  /** As an entry of AUTH_ISSUERS. */
  get config(): object {
    return { issuer: this.url, audience: 'shop', jwks: `${this.url}/jwks.json` };
  }

  /** A good token but for what is given; a claim that is undefined is left out. */
  sign(
    claims: Record<string, unknown> = {},
    { alg = 'RS256', key = this.privateKey }: { alg?: string; key?: CryptoKey | Uint8Array } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: this.url, aud: 'shop', sub: 'ann', name: 'Ann', iat: now, exp: now + 600 };
    return new SignJWT({ ...right, ...claims }).setProtectedHeader({ alg, kid: 'one' }).sign(key);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
