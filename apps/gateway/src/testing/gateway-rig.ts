import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ProducerService } from '@maru/kafka-client';
import { createLogger, createService, readEnvironment, stopService } from '@maru/service-kit';
import type { ManagerOptions, SocketOptions } from 'socket.io-client';
import { configureGateway } from '../configure';
import { Drain } from '../core/drain.service';
import { gatewayEnv } from '../gateway.config';
import { GatewayModule } from '../gateway.module';
import { TestClient } from './client';
import { TestRoom } from './room';
import { Services } from './services';

/** A gateway in this process on the real broker, with the services it asks. */
export class GatewayRig {
  private readonly clients: TestClient[] = [];
  private closing: Promise<void> | undefined;

  private constructor(
    readonly services: Services,
    readonly app: NestExpressApplication,
    readonly url: string,
  ) {}

  /** `beside`: the services of another gateway, which this one then shares. */
  static async start(settings: Record<string, string> = {}, beside?: Services): Promise<GatewayRig> {
    const services = beside ?? (await new Services().start());
    const env = readEnvironment(gatewayEnv, {
      ...process.env,
      PORT: '0',
      MQTT_PORT: '0',
      LOG_LEVEL: 'error',
      AUTH_URL: services.url,
      USERS_URL: services.url,
      CHAT_URL: services.url,
      ...settings,
    });
    const logger = createLogger('gateway', env.LOG_LEVEL);
    const app = await createService({
      ...{ app: 'gateway', port: 0, env, logger, module: GatewayModule.forRoot(env, logger) },
      configure: (made) => configureGateway(made, env),
    });
    // A connection that is idle would hold up the end for as long.
    app.getHttpServer().keepAliveTimeout = 5000;
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return new GatewayRig(services, app, `http://127.0.0.1:${port}`);
  }

  room(...members: string[]): TestRoom {
    return new TestRoom(this.services, this.app.get(ProducerService), ...members);
  }

  /** The value that `/metrics` tells of a metric, named with its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length));
  }

  /** Resolves once the metric is so; rejects after 10 s. */
  async metricUntil(name: string, isSo: (value: number) => boolean): Promise<void> {
    for (const end = Date.now() + 10_000; ;) {
      const value = await this.metric(name);
      if (isSo(value)) return;
      if (Date.now() > end) throw new Error(`${name} is ${value}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Stops the gateway as a signal would, its clients still there. */
  close(): Promise<void> {
    return (this.closing ??= stopService(this.app, (app) => app.get(Drain).run()));
  }

  /** A client of `userId` that has sent its handshake. `resume`: the last seq it saw of each room. */
  async connect(
    userId: string,
    {
      resume,
      ...options
    }: Partial<ManagerOptions & SocketOptions> & { resume?: Record<string, number> } = {},
  ): Promise<TestClient> {
    const token = await this.services.token(userId);
    const client = new TestClient(this.url, token, { auth: resume ? { resume } : {}, ...options });
    this.clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.close();
    await this.services.stop();
  }
}
