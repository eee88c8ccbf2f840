import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Inject, Injectable } from '@nestjs/common';
import { helloMs } from '@maru/contracts';
import { LOGGER, type Logger, readTls, renewTls, tlsFiles } from '@maru/service-kit';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';

/** Where MQTT is listened for beside the public door: TCP, and TCP with TLS. */
@Injectable()
export class Listeners {
  private readonly servers: Server[] = [];

  constructor(
    @Inject(GATEWAY_ENV) private readonly env: GatewayEnv,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The ports that are listened on: of TCP, then of TLS, as far as they are on. */
  get ports(): number[] {
    return this.servers.map((server) => (server.address() as AddressInfo).port);
  }

  async open(take: (socket: Socket) => void): Promise<void> {
    const { MQTT_PORT, MQTT_TLS_PORT } = this.env;
    if (MQTT_PORT !== 'off') await this.listen(createServer({ noDelay: true }, take), MQTT_PORT);
    if (MQTT_TLS_PORT === 'off') return;
    const files = tlsFiles(this.env);
    if (files === undefined)
      throw new Error('MQTT_TLS_PORT needs TLS_CERT_FILE and TLS_KEY_FILE: set them, or off.');
    const server = createTlsServer({ ...readTls(files), handshakeTimeout: helloMs }, take);
    // A handshake that fails is the client's own affair.
    server.on('tlsClientError', (_, socket) => socket.destroy());
    renewTls(server, files, this.logger);
    await this.listen(server, MQTT_TLS_PORT);
  }

  /** No more connections come in; those that are there stay. */
  close(): void {
    for (const server of this.servers) server.close();
  }

  private listen(server: Server, port: number): Promise<void> {
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: this.env.HOST, backlog }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  }
}

/** Connections that may wait to be accepted, as far as the system lets them. */
const backlog = 65_535;
