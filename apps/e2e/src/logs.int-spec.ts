import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder, removeFolder, type RunningStack, startStack } from '@maru/stack';
import { ChatClient } from './support/chat-client';
import { Rest } from './support/rest';
import { until } from './support/until';
import { newUser } from './support/user';

/** The log files below a folder; what lies elsewhere is followed. Kafka's data, named by offsets, is none. */
function logsBelow(folder: string): Map<string, string> {
  const logs = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (path.basename(name) === 'elsewhere')
      logsBelow(realpathSync(file)).forEach((text, of) => logs.set(of, text));
    else if (/^[a-z-]+\.log$/.test(path.basename(name)))
      logs.set(path.basename(name), readFileSync(file, 'utf8'));
  }
  return logs;
}

/** Everything that all processes of a Maru have written, after a life of good and bad requests at level debug. */
describe('the logs', () => {
  const home = makeTempFolder('maru-logs-');
  let stack: RunningStack | undefined;
  let logs = new Map<string, string>();
  const secrets = new Map<string, string>();

  beforeAll(async () => {
    stack = await startStack({ home, ports: 'free', env: { LOG_LEVEL: 'debug' } });
    await live(stack);
    await stack.stop();
    logs = logsBelow(home);
  }, 180_000);
  afterAll(async () => {
    await stack?.stop();
    removeFolder(home);
  });

  async function live({ urls, run, processes }: RunningStack): Promise<void> {
    const rest = new Rest(urls[0] ?? '');
    secrets.set('the secret of the services', readFileSync(path.join(home, 'secret'), 'utf8').trim());
    secrets.set('the password of the database', new URL(run.databaseUrl).password);
    const secret = (name: string, value: string): string => {
      secrets.set(name, value);
      return value;
    };
    const [ann, bob] = [await newUser(rest, 'Ann'), await newUser(rest, 'Bob')];
    for (const { name, password, token, refreshToken } of [ann, bob]) {
      secret(`${name}'s password`, password);
      secret(`${name}'s token`, token);
      secret(`${name}'s refresh token`, refreshToken);
    }
    const wrong = secret('a wrong password', `wrong-${randomUUID()}`);
    await rest.ask('POST', '/auth/login', undefined, { email: ann.email, password: wrong });
    await rest.ask('POST', '/auth/login', undefined, `{"email": "${ann.email}", "password": "${wrong}"`);
    await rest.ask('POST', '/users', undefined, { email: 'none', name: '', password: wrong, extra: wrong });
    const badToken = secret('a token of nobody', `${ann.token.slice(0, -8)}AAAAAAAA`);
    await rest.ask('GET', '/rooms', badToken);
    const renewed = await rest.refresh(ann.refreshToken);
    secret('the next token', renewed.accessToken);
    secret('the next refresh token', renewed.refreshToken);
    await rest.ask('POST', '/auth/refresh', undefined, { refreshToken: bob.refreshToken, more: 1 });
    const newPassword = secret('the next password', `next-${randomUUID()}`);
    const change = { currentPassword: ann.password, newPassword };
    expect((await rest.ask('POST', '/auth/password', ann.token, change)).status).toBe(200);

    const text = (name: string): string => secret(name, `text-${randomUUID()}`);
    const room = await rest.createRoom(ann.token, {
      name: 'Room',
      visibility: 'private',
      memberIds: [bob.id],
    });
    await rest.post(ann.token, room.id, { text: text('over REST'), metadata: { note: text('metadata') } });
    await rest.direct(ann.token, bob.id, { text: text('a direct message') });
    await rest.ask('POST', `/rooms/${room.id}/messages`, ann.token, { text: text('refused'), extra: 1 });
    await rest.ask('POST', `/rooms/${room.id}/messages`, ann.token, `{"text": "${text('broken')}`);
    const client = await new ChatClient(ann, { urls }).connect();
    await client.ask('sendMessage', { roomId: room.id, text: text('over a socket') });
    await client.ask('sendMessage', { roomId: 'nowhere', text: text('refused over a socket') });
    await client.ask('authenticate', { token: badToken });

    // Errors of the store tell much: its connections are lost while it is asked.
    const postgres = processes.get('postgres');
    await postgres?.stop();
    const late = text('while the store is away');
    const lateId = randomUUID();
    const sent = client.send(room.id, late, { id: lateId });
    await rest.ask('POST', '/auth/login', undefined, { email: bob.email, password: bob.password });
    await postgres?.start();
    expect(await sent).toMatchObject({ kind: 'acked' });
    await until('log-in works again', async () => {
      const body = { email: bob.email, password: bob.password };
      return (await rest.ask('POST', '/auth/login', undefined, body)).status === 200;
    });
    client.drop();
  }

  it('are there, of every process, and say what happened', () => {
    const apps = ['api-users', 'api-auth', 'api-chat', 'gateway'];
    for (const app of apps) expect(logs.get(`${app}.log`)).toContain('"event":"started"');
    expect(logs.get('api-chat.log')).toContain('store_connection_lost');
    expect(logs.get('postgres.log')).toContain('ready to accept connections');
    expect(logs.get('kafka.log')).toMatch(/started/);
  });

  it('hold no password, token, secret or text', () => {
    expect(secrets.size).toBeGreaterThan(20);
    const found = [...logs].flatMap(([name, text]) =>
      [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => `${what} in ${name}`),
    );
    expect(found).toEqual([]);
  });

  it('hold no hash of a password and nothing that looks like a token or an address of a database', () => {
    const looks = /\$argon2id|eyJ[\w-]{20,}\.[\w-]{20,}\.|postgres:\/\/[^\s"]+:[^\s"@]+@/;
    for (const [name, text] of logs) expect([name, looks.exec(text)]).toEqual([name, null]);
  });
});
