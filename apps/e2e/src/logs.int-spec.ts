import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { AccessToken, PublicUser } from '@maru/contracts';
import { makeTempFolder, removeFolder, type RunningStack, startStack } from '@maru/stack';
import { ChatClient } from './support/chat-client';
import { Rest } from './support/rest';
import { newServerKey } from './support/server-key';
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
    stack = await startStack({ home, ports: 'free', env: { LOG_LEVEL: 'debug', DELIVERY: 'routed' } });
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
    for (const door of ['websocket', 'ws', 'stomp', 'mqtt'] as const) {
      const client = await new ChatClient(ann, { urls, door }).connect();
      await client.ask('sendMessage', { roomId: room.id, text: text(`over ${door}`) });
      await client.ask('sendMessage', { roomId: 'nowhere', text: text(`refused over ${door}`) });
      await client.ask('sendMessage', {
        roomId: room.id,
        text: 1,
        extra: text(`of no contract over ${door}`),
      });
      client.drop();
      const stranger = new ChatClient({ ...ann, token: badToken, password: wrong }, { urls, door });
      await expect(stranger.connect(1500)).rejects.toThrow('could not connect');
      stranger.drop();
    }
    const client = await new ChatClient(ann, { urls }).connect();
    await client.ask('authenticate', { token: badToken });
    const { ticket } = await rest.get<{ ticket: string }>('POST', '/stream/ticket', ann.token);
    expect((await rest.begin(`/stream?ticket=${secret('the ticket of a stream', ticket)}`)).status).toBe(200);
    expect((await rest.begin(`/stream?ticket=${ticket}`)).status).toBe(401);
    const key = secret(
      'a server key',
      await newServerKey({ run }, ['users:write', 'messages:write', 'sessions:write']),
    );
    const said = { text: text('of the system') };
    expect((await rest.ask('POST', `/server/rooms/${room.id}/messages`, key, said)).status).toBe(201);
    await rest.ask('POST', `/server/rooms/${room.id}/messages`, key, { text: text('of nobody'), extra: 1 });
    const { id: shopper } = await rest.get<PublicUser>('PUT', '/server/users/shopper', key, { name: 'Eve' });
    const made = await rest.get<AccessToken>('POST', `/server/users/${shopper}/tokens`, key);
    secret('a token that a back end asked for', made.accessToken);
    const wrongKey = secret('a key of nobody', `${key.slice(0, -8)}AAAAAAAA`);
    expect((await rest.ask('POST', `/server/users/${shopper}/tokens`, wrongKey)).status).toBe(401);

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
    const apps = ['api-users', 'api-auth', 'api-chat', 'gateway', 'router'];
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
