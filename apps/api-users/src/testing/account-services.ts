import { randomBytes, randomUUID } from 'node:crypto';
import type { LoggedIn, OwnUser } from '@maru/contracts';
import { type Kysely, openDatabase, sql } from '@maru/postgres';
import { HoldingProxy } from './holding-proxy';
import { freeUrl, ServiceProcess } from './service-process';

export interface Answer<T> {
  status: number;
  body: T & { code?: string };
}

export interface Person {
  email: string;
  name: string;
  password: string;
}

/** api-users and api-auth as processes with databases of their own; the proxy stands before api-auth. */
export class AccountServices {
  private constructor(
    readonly users: ServiceProcess,
    readonly auth: ServiceProcess,
    readonly proxy: HoldingProxy,
    private readonly stores: Record<'users' | 'auth', Kysely<never>>,
  ) {}

  static async start(settings: NodeJS.ProcessEnv = {}): Promise<AccountServices> {
    const [USERS_URL, authUrl] = [await freeUrl(), await freeUrl()];
    const proxy = await HoldingProxy.start(authUrl);
    const run = randomBytes(6).toString('hex');
    const process = (app: string, url: string, AUTH_URL: string) =>
      new ServiceProcess(app, url, {
        DATABASE_URL: databaseUrl(app, run),
        KAFKA_GROUP: `${app}-test-${run}`,
        USERS_URL,
        AUTH_URL,
        ...settings,
      });
    const users = process('api-users', USERS_URL, proxy.url);
    const auth = process('api-auth', authUrl, authUrl);
    await Promise.all([users.start(), auth.start()]);
    const open = (app: string) =>
      openDatabase<never>({
        url: databaseUrl(app, run),
        poolSize: 2,
        statementTimeoutMs: 5000,
        applicationName: 'test',
      });
    return new AccountServices(users, auth, proxy, { users: open('api-users'), auth: open('api-auth') });
  }

  call<T = object>(method: string, path: string, body?: unknown, token?: string): Promise<Answer<T>> {
    const { url } = path.startsWith('/api/auth/') ? this.auth : this.users;
    return call<T>(method, url + path, body, token);
  }

  signUp(person: Person): Promise<Answer<OwnUser>> {
    return this.call<OwnUser>('POST', '/api/users', person);
  }

  logIn({ email, password }: Person): Promise<Answer<LoggedIn>> {
    return this.call<LoggedIn>('POST', '/api/auth/login', { email, password });
  }

  /** A new user who is logged in: his access token, and himself. */
  async join(more: Partial<Person> = {}): Promise<{ person: Person; user: OwnUser; token: string }> {
    const person = newPerson(more);
    await this.signUp(person);
    const { body } = await this.logIn(person);
    return { person, user: body.user, token: body.accessToken };
  }

  /** Active users without a credential and credentials that let in nobody's user, by e-mail. Pending ones aside. */
  async halves(): Promise<string[]> {
    const users = await sql<{ id: string; email: string }>`
      select id, email from users where state = 'active' and email is not null`.execute(this.stores.users);
    const credentials = await sql<{ id: string; email: string; confirmed: boolean }>`
      select user_id as id, email, confirmed_at is not null as confirmed from credentials`.execute(
      this.stores.auth,
    );
    const active = new Set(users.rows.map(({ id, email }) => `${id} ${email}`));
    const kept = new Set(credentials.rows.map(({ id, email }) => `${id} ${email}`));
    return [
      ...[...active].filter((user) => !kept.has(user)),
      ...credentials.rows
        .filter((row) => row.confirmed && !active.has(`${row.id} ${row.email}`))
        .map(({ email }) => email),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all([this.users.kill('SIGTERM'), this.auth.kill('SIGTERM')]);
    await Promise.all([this.stores.users.destroy(), this.stores.auth.destroy(), this.proxy.stop()]);
  }
}

export async function call<T>(
  method: string,
  url: string,
  body?: unknown,
  token?: string,
): Promise<Answer<T>> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...authorization },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
}

export function newPerson(more: Partial<Person> = {}): Person {
  return { email: `${randomUUID()}@example.org`, name: 'Ada', password: 'correct horse', ...more };
}

/** Looks again and again until `look` gives something true. */
export async function until(look: () => unknown, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`Not seen within ${withinMs} ms: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function databaseUrl(app: string, run: string): string {
  const url = new URL(process.env.DATABASE_URL ?? '');
  url.pathname = `/test_${app}_${run}`;
  return url.href;
}
