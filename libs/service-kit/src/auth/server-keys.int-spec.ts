import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CheckServerKey, ServerKey } from '@maru/contracts';
import { KeyServer } from '../testing/key-server';
import { type ProbeApp, startProbeApp } from '../testing/probe-app';
import { readServerKey } from './server-keys';

const keyOf = (n: number): string => `maru_sk_${String(n).repeat(16)}_${String(n).repeat(43)}`;
const writer = keyOf(1);

let auth: Server;
let tokens: KeyServer;
let probe: ProbeApp;
/** What api-auth was asked. */
const asked: CheckServerKey[] = [];
const good = new Map<string, ServerKey>();
let away = false;

beforeAll(async () => {
  tokens = await KeyServer.start();
  auth = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      if (away) return response.destroy();
      const shown = JSON.parse(body) as CheckServerKey;
      asked.push(shown);
      const key = good.get(shown.hash);
      response.writeHead(key ? 200 : 401).end(JSON.stringify(key ?? { code: 'unauthenticated' }));
    });
  });
  await new Promise<void>((resolve) => auth.listen(0, '127.0.0.1', resolve));
  const AUTH_URL = `http://127.0.0.1:${(auth.address() as AddressInfo).port}`;
  probe = await startProbeApp({ AUTH_URL, RATE_LIMITS: 'on', SERVER_KEY_REQUESTS_PER_MINUTE: '20' });
});
beforeEach(() => {
  asked.length = 0;
  away = false;
  good.clear();
  allow(writer, ['rooms:write']);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await probe.app.close();
  await tokens.stop();
  auth.closeAllConnections();
  await new Promise((resolve) => auth.close(resolve));
});

function allow(key: string, scopes: ServerKey['scopes']): void {
  const { id = '', hash = '' } = readServerKey(key) ?? {};
  good.set(hash, { id, name: 'shop', scopes });
}
async function ask(key: string | undefined): Promise<{ status: number; code?: string }> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(`${probe.url}/server/things/7`, { method: 'POST', headers });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, ...(code !== undefined && { code }) };
}
const unauthenticated = { status: 401, code: 'unauthenticated' };

describe('a server key', () => {
  it('is asked for once in 30 s, and is out when it is revoked by then', async () => {
    const answers = await Promise.all([ask(writer), ask(writer)]);
    expect(answers).toEqual([{ status: 201 }, { status: 201 }]);
    good.clear();
    expect(await ask(writer)).toEqual({ status: 201 });
    expect(asked).toEqual([readServerKey(writer)]);
    const later = Date.now() + 31_000;
    jest.spyOn(Date, 'now').mockImplementation(() => later);
    expect(await ask(writer)).toEqual(unauthenticated);
  });

  it('is needed, with the scope of the route; no token of a user does instead', async () => {
    const reader = keyOf(2);
    allow(reader, ['users:write', 'messages:write', 'sessions:write']);
    expect(await ask(reader)).toEqual({ status: 403, code: 'forbidden' });
    const token = await tokens.sign({ sub: crypto.randomUUID(), sid: crypto.randomUUID() });
    const wrong = [
      undefined,
      '',
      token,
      keyOf(3),
      `${writer}x`,
      writer.slice(0, -1),
      'maru_sk_',
      writer.slice(8),
    ];
    for (const key of wrong) expect({ key, ...(await ask(key)) }).toEqual({ key, ...unauthenticated });
  });

  it('is no token of a user', async () => {
    const response = await fetch(`${probe.url}/mine`, { headers: { authorization: `Bearer ${writer}` } });
    expect(response.status).toBe(401);
  });

  it('may be tried again when api-auth is away', async () => {
    const other = keyOf(4);
    allow(other, ['rooms:write']);
    away = true;
    expect(await ask(other)).toEqual({ status: 503, code: 'unavailable' });
    away = false;
    expect(await ask(other)).toEqual({ status: 201 });
  });

  it('is told in the log by its id at each use, never whole', async () => {
    const [audited, refused] = [keyOf(5), keyOf(6)];
    allow(audited, ['rooms:write']);
    allow(refused, ['users:write']);
    await ask(audited);
    await ask(refused);
    const lines = probe.lines.map((line) => JSON.parse(line) as { event?: string; keyId?: string });
    const of = (key: string) => lines.filter(({ keyId }) => keyId === readServerKey(key)?.id);
    const use = { method: 'POST', route: '/server/things/:id', id: '7' };
    expect(of(audited)).toMatchObject([{ event: 'server_key_used', ...use }]);
    expect(of(refused)).toMatchObject([{ event: 'server_key_refused', ...use, scope: 'rooms:write' }]);
    const text = probe.lines.join('');
    for (const key of [audited, refused]) expect(text).not.toContain(key.slice(-43));
  });

  it('may ask so often in a minute, each for itself', async () => {
    const [one, other] = [keyOf(7), keyOf(8)];
    allow(one, ['rooms:write']);
    allow(other, ['rooms:write']);
    const statuses: number[] = [];
    for (let n = 0; n < 21; n++) statuses.push((await ask(one)).status);
    expect(statuses).toEqual([...Array<number>(20).fill(201), 429]);
    expect(await ask(other)).toEqual({ status: 201 });
  });
});
