import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface TokenClaims {
  sub?: string;
  sid?: string;
  iss?: string;
  aud?: string;
  /** Seconds from now. */
  expiresIn?: number;
  typ?: string;
}

/** Stands where api-auth is: serves a key set and signs tokens of any sort. */
export class KeyServer {
  private constructor(
    readonly url: string,
    private readonly privateKey: CryptoKey,
    private readonly server: Server,
  ) {}

  static async start(): Promise<KeyServer> {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const keys: JWK[] = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA', use: 'sig' }];
    const server = createServer((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys })),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new KeyServer(url, privateKey, server);
  }

  sign(claims: TokenClaims, key: CryptoKey = this.privateKey, alg = 'EdDSA'): Promise<string> {
    return new SignJWT({ sid: claims.sid })
      .setProtectedHeader({ alg, kid: 'one', typ: claims.typ ?? 'at+jwt' })
      .setSubject(claims.sub ?? '')
      .setIssuer(claims.iss ?? 'maru')
      .setAudience(claims.aud ?? 'maru')
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + (claims.expiresIn ?? 900))
      .sign(key);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
