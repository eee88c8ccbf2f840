import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { KeyServer } from './testing/key-server';
import { type ProbeApp, startProbeApp } from './testing/probe-app';

let keys: KeyServer;
let probe: ProbeApp;

beforeAll(async () => {
  keys = await KeyServer.start();
  probe = await startProbeApp({ AUTH_URL: keys.url });
});
afterAll(async () => {
  await probe.app.close();
  await keys.stop();
});

const json = { 'content-type': 'application/json' };
const get = (path: string, headers: Record<string, string> = {}) => fetch(probe.url + path, { headers });
const post = (path: string, body: string, headers: Record<string, string> = json) =>
  fetch(probe.url + path, { method: 'POST', body, headers });

async function problem(response: Response): Promise<{ code: string; detail: string }> {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const body = (await response.json()) as Record<string, unknown>;
  expect(Object.keys(body).sort()).toEqual([
    'code',
    'detail',
    'message',
    'retryable',
    'status',
    'title',
    'type',
  ]);
  expect(body).toMatchObject({ type: 'about:blank', status: response.status, title: body.code });
  return body as { code: string; detail: string };
}

describe('an app over HTTP', () => {
  it('sends nobody to https, which may not be there', async () => {
    const { headers } = await get('/health/live');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('lets nobody keep its answers, and does not say what it is made of', async () => {
    const { headers } = await get('/api/nothing');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('has room for a thousand clients that come at once, if the system lets it', async () => {
    const port = Number(new URL(probe.url).port);
    const count = Math.min(1000, Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1')));
    const sockets = Array.from({ length: count }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    // The handshakes are the kernel's, within connect(); who found no room is left waiting in SYN_SENT (02) for a second.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const to = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const lines = readFileSync('/proc/net/tcp', 'latin1').split('\n');
    const states = lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , remote]) => remote?.endsWith(to));
    for (const socket of sockets) socket.destroy();
    expect(states.length).toBeGreaterThanOrEqual(count);
    expect(states.filter(([, , , state]) => state === '02')).toHaveLength(0);
  });

  it('takes what its contract says', async () => {
    const response = await post('/things', '{"name":"a","size":1}');
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ name: 'a', size: 1 });
  });

  it('names each wrong field', async () => {
    const response = await post('/things', '{"name":"","colour":"red"}');
    expect(response.status).toBe(400);
    const { code, detail } = await problem(response);
    expect(code).toBe('bad_request');
    expect(detail).toMatch(/name: .*size: .*colour/s);
    expect(await problem(await get('/things/nothing'))).toMatchObject({ code: 'bad_request' });
  });

  it.each([
    ['no JSON', '{"name":', json, 400, 'invalid_json'],
    ['no body', '', {}, 400, 'bad_request'],
    [
      'a form',
      'name=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['more than 64 KB', JSON.stringify({ name: 'x'.repeat(70_000) }), json, 413, 'payload_too_large'],
    [
      'an encoding nobody knows',
      '{}',
      { ...json, 'content-encoding': 'nonsense' },
      415,
      'unsupported_media_type',
    ],
  ])('refuses %s with a code', async (_, body, headers, status, code) => {
    const response = await post('/things', body, headers);
    expect([response.status, (await problem(response)).code]).toEqual([status, code]);
  });

  it('says that there is nothing at an address', async () => {
    const response = await get('/nowhere');
    expect([response.status, (await problem(response)).code]).toEqual([404, 'not_found']);
    expect((await problem(await get('/things/%ff'))).code).toBe('bad_request');
  });

  it('keeps the text of what it did not expect inside, and logs it', async () => {
    const response = await get('/broken');
    expect(response.status).toBe(500);
    expect(JSON.stringify(await problem(response))).not.toContain('secret');
    expect(probe.lines.filter((line) => line.includes('a secret of the inside'))).toHaveLength(1);
  });

  it('is alive and ready, and counts', async () => {
    expect(await (await get('/health/live')).json()).toEqual({ status: 'ok' });
    expect(await (await get('/health/ready')).json()).toEqual({ status: 'ok', checks: { broker: 'ok' } });
    expect(await (await get('/metrics')).text()).toContain('process_cpu_seconds_total');
  });

  it.each([
    '/METRICS',
    '/Metrics',
    '//metrics',
    '/%6Detrics',
    '/./metrics',
    '/Health/ready',
    '/INTERNAL/things',
  ])('has nothing at %s: what a proxy keeps back goes by no other name', async (path) => {
    const { hostname, port } = new URL(probe.url);
    const headers = { 'x-maru-internal': 'maru-development-only' };
    // As it stands: fetch would put it right.
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });

  it('hides internal routes from whoever does not show the secret', async () => {
    for (const headers of [{}, { 'x-maru-internal': 'a guess' }]) {
      const response = await get('/internal/things', headers);
      expect([response.status, (await problem(response)).code]).toEqual([404, 'not_found']);
    }
    const shown = await get('/internal/things', { 'x-maru-internal': 'maru-development-only' });
    expect(await shown.json()).toEqual({ inside: true });
    const token = await keys.sign({ sub: randomUUID(), sid: randomUUID() });
    expect((await get('/internal/things', { authorization: `Bearer ${token}` })).status).toBe(404);
  });
});
