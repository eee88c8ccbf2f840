import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayRig } from '../testing/gateway-rig';

describe('the public HTTP door', () => {
  let rig: GatewayRig;
  let breaking: Server;
  beforeAll(async () => {
    // Takes the request and breaks off.
    breaking = createServer((request) => {
      request.resume();
      request.on('end', () => request.socket.destroy());
    });
    await new Promise<void>((resolve) => breaking.listen(0, '127.0.0.1', resolve));
    const { port } = breaking.address() as AddressInfo;
    rig = await GatewayRig.start({ USERS_URL: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await rig.stop();
    breaking.close();
  });
  beforeEach(() => (rig.services.seen.length = 0));

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(rig.url + path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('passes a body on as it came, and the answer back', async () => {
    const body = '{ "text" : "grüße 👋", broken';
    const response = await post('/api/rooms/1/messages?x=%20y', body, { authorization: 'Bearer t' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ echo: body, path: '/api/rooms/1/messages?x=%20y' });
    expect(rig.services.seen[0]?.headers).toMatchObject({ authorization: 'Bearer t' });
  });

  it("never passes on the services' own secret", async () => {
    await post('/api/rooms', '{}', { 'x-maru-internal': 'guess' });
    expect(rig.services.seen[0]?.headers).not.toHaveProperty('x-maru-internal');
  });

  it.each([
    '/internal/standing',
    '/api/internal/standing',
    '/api/rooms/../../internal/standing',
    '/api/rooms/%2e%2e/%2e%2e/internal/standing',
    '/api/roomsx',
    '/api/',
    '/',
  ])('hides %s', async (path) => {
    const { port } = new URL(rig.url);
    const answer = await new Promise<{ status: number; type: string; body: string }>((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, method: 'POST' }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
        );
      })
        .on('error', reject)
        .end();
    });
    expect(answer.status).toBe(404);
    expect(answer.type).toContain('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_found', retryable: false });
    expect(rig.services.seen).toEqual([]);
  });

  it('refuses a body beyond 64 KB with a code', async () => {
    const response = await post('/api/rooms', 'x'.repeat(70_000));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'payload_too_large' });
  });

  it('says that the outcome is unknown when a service breaks off a change, and only then', async () => {
    const changed = await post('/api/users', '{}');
    expect(changed.status).toBe(504);
    expect(changed.headers.get('content-type')).toContain('application/problem+json');
    expect(await changed.json()).toMatchObject({ code: 'outcome_unknown', retryable: true });
    const read = await fetch(`${rig.url}/api/users/me`);
    expect(read.status).toBe(503);
    expect(await read.json()).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('passes over an address that cannot be reached, and says unavailable when there is no other', async () => {
    const dead = 'http://127.0.0.1:9';
    const other = await GatewayRig.start({ CHAT_URL: `${dead},${rig.services.url}`, USERS_URL: dead });
    try {
      for (let turn = 0; turn < 6; turn++) {
        const response = await fetch(`${other.url}/api/rooms`, { method: 'POST', body: `{"turn":${turn}}` });
        expect(await response.json()).toMatchObject({ echo: `{"turn":${turn}}` });
      }
      const response = await fetch(`${other.url}/api/users`, { method: 'POST', body: '{}' });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: 'unavailable', retryable: true });
    } finally {
      await other.stop();
    }
  });

  it("leaves a client's connection open when the service ends its own, as one does that drains", async () => {
    const draining = createServer((_request, response) => {
      response.writeHead(200, {
        connection: 'close, x-hop',
        'keep-alive': 'timeout=1',
        'x-hop': '1',
        'x-end': '2',
      });
      response.write('in ');
      response.end('parts');
    });
    await new Promise<void>((resolve) => draining.listen(0, '127.0.0.1', resolve));
    const { port } = draining.address() as AddressInfo;
    const other = await GatewayRig.start({ CHAT_URL: `http://127.0.0.1:${port}` });
    const agent = new Agent({ keepAlive: true });
    const ask = async () => {
      const [answer] = (await once(request(`${other.url}/api/rooms`, { agent }).end(), 'response')) as [
        IncomingMessage,
      ];
      const { localPort } = answer.socket;
      return { text: (await answer.toArray()).join(''), headers: answer.headers, localPort };
    };
    try {
      const [first, second] = [await ask(), await ask()];
      expect(first.headers).toMatchObject({ connection: 'keep-alive', 'x-end': '2' });
      for (const name of ['keep-alive', 'x-hop']) expect(first.headers).not.toHaveProperty(name);
      expect(second.localPort).toBe(first.localPort);
      expect([first.text, second.text]).toEqual(['in parts', 'in parts']);
    } finally {
      agent.destroy();
      await other.stop();
      draining.close();
    }
  });

  it('answers pages of other origins', async () => {
    const response = await fetch(`${rig.url}/api/rooms`, { headers: { origin: 'https://example.org' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('serves its index page and its description', async () => {
    const page = await fetch(`${rig.url}/docs`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('/docs/openapi.json');
    expect(await (await fetch(`${rig.url}/docs/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
    expect(await (await fetch(`${rig.url}/docs/asyncapi.json`)).json()).toMatchObject({ asyncapi: '3.0.0' });
  });

  it('tells health and figures', async () => {
    expect(await (await fetch(`${rig.url}/health/ready`)).json()).toMatchObject({
      status: 'ok',
      checks: { positions: 'ok', broker: 'ok' },
    });
    const figures = await (await fetch(`${rig.url}/metrics`)).text();
    for (const name of ['connections', 'deliveries_total', 'send_to_delivery_seconds', 'closed_total']) {
      expect(figures).toContain(`gateway_${name}`);
    }
  });
});
