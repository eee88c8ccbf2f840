import { randomUUID } from 'node:crypto';
import { clientAddressHeader, readSignedAddress } from '@maru/service-kit';
import { TestClient } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import { PlainClient } from '../testing/plain-client';
import { Writer } from '../testing/writer';

const developmentSecret = 'maru-development-only';
let last = 0;
/** An address that no other test has, as a trusted proxy tells it. */
const newAddress = () => `203.0.113.${++last}`;

describe('rate limits at the gateway', () => {
  let rig: GatewayRig;
  beforeAll(async () => {
    rig = await GatewayRig.start({
      RATE_LIMITS: 'on',
      TRUSTED_PROXIES: 'loopback',
      ADDRESS_REQUESTS_PER_MINUTE: '10',
      ADDRESS_CONNECTIONS_PER_MINUTE: '3',
      USER_EVENTS_PER_MINUTE: '20',
    });
  });
  afterAll(() => rig.stop());

  const ask = (address: string, path = '/api/rooms') =>
    fetch(rig.url + path, { headers: { 'x-forwarded-for': address, origin: 'https://example.org' } });

  it('refuse an address beyond its share as problem+json, tell when to come again, and reach no service', async () => {
    const address = newAddress();
    for (let n = 0; n < 10; n++) expect((await ask(address)).status).toBe(200);
    rig.services.seen.length = 0;
    const refused = await ask(address);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const body = (await refused.json()) as { retryAfterMs: number };
    expect(body).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(refused.headers.get('retry-after')).toBe(String(Math.ceil(body.retryAfterMs / 1000)));
    expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after');
    expect(rig.services.seen).toEqual([]);
    expect((await ask(newAddress())).status).toBe(200);
    expect((await fetch(`${rig.url}/health/live`)).status).toBe(200);
  });

  it('count an IPv6 network as one', async () => {
    for (let n = 0; n < 10; n++) expect((await ask(`2001:db8:0:7::${n}`)).status).toBe(200);
    expect((await ask('2001:db8:0:7:ffff::1')).status).toBe(429);
    expect((await ask('2001:db8:0:8::1')).status).toBe(200);
  });

  it('count commands beside a stream as requests of their address, before their token is looked at', async () => {
    const address = newAddress();
    const command = async () => {
      const headers = { 'x-forwarded-for': address, authorization: 'Bearer none' };
      return (await fetch(`${rig.url}/api/commands`, { method: 'POST', headers })).status;
    };
    for (let n = 0; n < 10; n++) expect(await command()).toBe(401);
    expect(await command()).toBe(429);
    expect((await ask(address)).status).toBe(429);
  });

  it('tell the services whose request it is, in a way that nobody else can', async () => {
    const address = newAddress();
    rig.services.seen.length = 0;
    await fetch(`${rig.url}/api/rooms`, {
      headers: { 'x-forwarded-for': address, [clientAddressHeader]: '1.1.1.1 AAAA' },
    });
    const told = rig.services.seen[0]?.headers[clientAddressHeader];
    expect(readSignedAddress(told, developmentSecret)).toBe(address);
  });

  it('hand on what a trusted proxy says of the request that it took', async () => {
    const address = newAddress();
    rig.services.seen.length = 0;
    const said = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example.org' };
    await fetch(`${rig.url}/api/rooms`, { headers: { 'x-forwarded-for': address, ...said } });
    const headers = rig.services.seen[0]?.headers;
    expect(headers?.['x-forwarded-host']).toBe('chat.example.org');
    for (const [name, first] of Object.entries({ ...said, 'x-forwarded-for': address }))
      expect(String(headers?.[name]).split(',')[0]).toBe(first);
  });

  it('refuse connections of an address beyond its share, with the time to wait', async () => {
    const extraHeaders = { 'x-forwarded-for': newAddress() };
    for (let n = 0; n < 3; n++) await (await rig.connect(randomUUID(), { extraHeaders })).ready();
    const client = new TestClient(rig.url, await rig.services.token(randomUUID()), { extraHeaders });
    const error = await new Promise<Error & { data?: unknown }>((resolve) =>
      client.socket.on('connect_error', resolve),
    );
    client.close();
    expect(error.data).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retryAfterMs: expect.any(Number) as number,
    });
    await (await rig.connect(randomUUID(), { extraHeaders: { 'x-forwarded-for': newAddress() } })).ready();
  });

  it('refuse events of a user beyond his share, over all his connections at whichever door, good or bad, and nobody else’s', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    const writer = await new Writer(rig).start();
    const from = () => ({ extraHeaders: { 'x-forwarded-for': newAddress() } });
    const clients = [await rig.connect(ann, from()), await rig.connect(ann, from())];
    const other = await rig.connect(bob, from());
    for (const client of [...clients, other]) await client.ready();
    const events: [string, object][] = [
      ['sendMessage', { roomId: room.id, text: 'hello' }],
      ['sendMessage', { text: 5 }],
      ['fly', {}],
      ['typing', { roomId: room.id }],
    ];
    const plain = new PlainClient(rig.url, from().extraHeaders);
    await plain.connect(await rig.services.token(ann));
    await plain.until(({ event }) => event === 'ready');
    plain.socket.send('no JSON');
    await plain.until(({ error }) => error?.code === 'invalid_json');
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 23; n++) {
      const [event, payload] = events[n % 4] ?? ['', {}];
      const ack = await [...clients, plain][n % 3]?.ask(event, payload);
      codes.push(ack?.ok === false ? (ack.error as { code: string }).code : 'ok');
    }
    const round = ['ok', 'bad_request', 'unknown_event', 'ok'];
    expect(codes).toEqual([
      ...Array.from({ length: 5 }, () => round)
        .flat()
        .slice(0, 19),
      ...Array<string>(4).fill('rate_limited'),
    ]);
    expect(writer.commands).toHaveLength(5);
    expect(await clients[0]?.ask('typing', { roomId: room.id })).toMatchObject({
      ok: false,
      error: { code: 'rate_limited', retryable: true, retryAfterMs: expect.any(Number) as number },
    });
    expect(await other.ask('typing', { roomId: room.id })).toMatchObject({ ok: true });
    plain.close();
    await writer.stop();
  });

  it('are counted by limit', async () => {
    const figures = await (await fetch(`${rig.url}/metrics`)).text();
    for (const limit of ['address_requests', 'address_connections', 'user_events']) {
      expect(figures).toMatch(new RegExp(`maru_rate_limited_total\\{limit="${limit}"\\} [1-9]`));
    }
  });
});

describe('a gateway that trusts no proxy', () => {
  let rig: GatewayRig;
  beforeAll(async () => {
    rig = await GatewayRig.start({ RATE_LIMITS: 'on', ADDRESS_REQUESTS_PER_MINUTE: '10' });
  });
  afterAll(() => rig.stop());

  it('is not deceived by forwarded headers, and hands none on', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) {
      const headers = { 'x-forwarded-for': `198.51.100.${n}`, forwarded: `for=198.51.100.${n}` };
      statuses.push((await fetch(`${rig.url}/api/rooms`, { headers })).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);
    expect(JSON.stringify(rig.services.seen)).not.toContain('198.51.100');
  });
});
