import { randomBytes } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { KafkaTransport, ProducerService } from '@maru/kafka-client';
import { createService, internalSecretHeader, readEnvironment, startService } from '@maru/service-kit';
import { freePort } from '@maru/stack';
import { pino } from 'pino';
import { AppModule } from '../app.module';
import { type AuthEnv, authEnv } from '../auth.config';

export interface Answer<T> {
  status: number;
  body: T & { code?: string };
}

/** api-auth in this process, on the broker and the database server of the tests, with a database of its own. */
export class AuthApp {
  private constructor(
    readonly app: NestExpressApplication,
    readonly env: AuthEnv,
    /** What was logged, from debug on. */
    readonly lines: string[],
  ) {}

  static async start(settings: NodeJS.ProcessEnv): Promise<AuthApp> {
    const port = String(await freePort());
    const env = readEnvironment(authEnv, {
      ...process.env,
      DATABASE_URL: freshDatabaseUrl(),
      HOST: '127.0.0.1',
      PORT: port,
      AUTH_URL: `http://127.0.0.1:${port}`,
      KAFKA_GROUP: `api-auth-test-${randomBytes(6).toString('hex')}`,
      ...settings,
    });
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const options = {
      app: 'api-auth',
      port: env.PORT,
      env,
      logger,
      module: AppModule.forRoot(env, logger),
      transport: (app: NestExpressApplication) => KafkaTransport.of(app, { group: env.KAFKA_GROUP }),
    };
    const app = await createService(options);
    await startService(app, options);
    return new AuthApp(app, env, lines);
  }

  get producer(): ProducerService {
    return this.app.get(ProducerService);
  }

  async call<T = object>(method: string, path: string, body?: object, token?: string): Promise<Answer<T>> {
    const response = await fetch(this.env.AUTH_URL + path, {
      method,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'a test',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(path.startsWith('/internal/') && { [internalSecretHeader]: this.env.INTERNAL_SECRET }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer<T>['body'] };
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}

export function freshDatabaseUrl(): string {
  const url = new URL(process.env.DATABASE_URL ?? '');
  url.pathname = `/test_auth_${randomBytes(6).toString('hex')}`;
  return url.href;
}
