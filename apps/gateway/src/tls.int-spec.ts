import { randomUUID } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ProducerService } from '@maru/kafka-client';
import {
  createService,
  readEnvironment,
  type ServiceOptions,
  startService,
  type TlsFiles,
} from '@maru/service-kit';
import { type Certificate, CertificateAuthority, makeTempFolder, removeFolder } from '@maru/stack';
import { pino } from 'pino';
import { configureGateway } from './configure';
import { gatewayEnv } from './gateway.config';
import { GatewayModule } from './gateway.module';
import { TestClient } from './testing/client';
import { TestRoom } from './testing/room';
import { Services } from './testing/services';

interface Seen {
  status: number;
  headers: IncomingHttpHeaders;
  serialNumber: string;
}

describe('a gateway with a certificate', () => {
  const folder = makeTempFolder();
  const files: TlsFiles = { cert: path.join(folder, 'tls.crt'), key: path.join(folder, 'tls.key') };
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  let authority: CertificateAuthority;
  let ca: Buffer;
  let services: Services;
  let app: NestExpressApplication;
  let url: string;
  const clients: TestClient[] = [];

  const install = (certificate: Certificate): void => {
    copyFileSync(certificate.certFile, files.cert);
    copyFileSync(certificate.keyFile, files.key);
  };
  const optionsOf = (tls: TlsFiles): ServiceOptions => {
    const { url: service } = services;
    const addresses = { AUTH_URL: service, USERS_URL: service, CHAT_URL: service, MQTT_PORT: 'off' };
    const env = readEnvironment(gatewayEnv, { ...process.env, HOST: '127.0.0.1', ...addresses });
    return {
      ...{ app: 'gateway', port: 0, env, logger, tls },
      module: GatewayModule.forRoot(env, logger),
      configure: (one) => configureGateway(one, env),
    };
  };
  const get = (path: string, trusted?: Buffer): Promise<Seen> =>
    new Promise((resolve, reject) => {
      const options = { agent: false, ...(trusted && { ca: trusted }) };
      const request = https.get(`${url}${path}`, options, (response) => {
        response.resume();
        const { statusCode: status = 0, headers, socket } = response;
        resolve({ status, headers, serialNumber: (socket as TLSSocket).getPeerCertificate().serialNumber });
      });
      request.once('error', reject);
    });
  const connect = async (userId: string): Promise<TestClient> => {
    const client = new TestClient(url, await services.token(userId), { ca: ca.toString() });
    clients.push(client);
    await client.ready();
    return client;
  };
  const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
    for (const end = Date.now() + 15_000; !(await holds());) {
      if (Date.now() > end) throw new Error(`not within 15 s: ${what}; logged ${lines.slice(-3).join()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  beforeAll(async () => {
    authority = await CertificateAuthority.make(folder);
    ca = readFileSync(authority.caFile);
    services = await new Services().start();
    install(await authority.issue('first'));
    const options = optionsOf(files);
    app = await createService(options);
    await startService(app, options);
    url = `https://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await app.close();
    await services.stop();
    removeFolder(folder);
  });

  it('answers REST over https, and tells services and browsers that it was https', async () => {
    const { status, headers } = await get('/api/rooms', ca);
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(services.seen.at(-1)).toMatchObject({
      line: 'GET /api/rooms',
      headers: { 'x-forwarded-proto': 'https' },
    });
  });

  it('carries live events over wss', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = new TestRoom(services, app.get(ProducerService), ann, bob);
    const [one, two] = [await connect(ann), await connect(bob)];
    await room.say(200, 'over TLS');
    for (const client of [one, two]) {
      await client.until(() => client.seqs(room.id).at(-1) === room.head);
      expect(client.seqs(room.id).slice(-200)).toEqual(
        Array.from({ length: 200 }, (_, index) => room.head - 199 + index),
      );
    }
  });

  it('is taken for nobody by who does not know the authority, and speaks no plain http', async () => {
    await expect(get('/health/live')).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    const plain = new Promise((resolve, reject) => {
      http.get(url.replace('https', 'http'), resolve).once('error', reject);
    });
    await expect(plain).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('takes a renewed certificate without a restart, and no connection ends', async () => {
    const client = await connect(randomUUID());
    const { serialNumber } = await get('/health/live', ca);
    install(await authority.issue('second'));
    await until(
      'the new certificate',
      async () => (await get('/health/live', ca)).serialNumber !== serialNumber,
    );
    expect(client.socket.connected).toBe(true);
    expect(lines.some((line) => line.includes('tls_renewed'))).toBe(true);
  });

  it('keeps what it has while the new files do not belong together', async () => {
    const { serialNumber } = await get('/health/live', ca);
    copyFileSync((await authority.issue('third')).certFile, files.cert);
    await until('a line about it', () => lines.some((line) => line.includes('tls_not_renewed')));
    expect((await get('/health/live', ca)).serialNumber).toBe(serialNumber);
    await expect(createService(optionsOf(files))).rejects.toThrow(/TLS_CERT_FILE .* TLS_KEY_FILE .* key/);
  });
});
