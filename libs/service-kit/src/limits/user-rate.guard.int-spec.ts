import { randomUUID } from 'node:crypto';
import { KeyServer } from '../testing/key-server';
import { type ProbeApp, startProbeApp } from '../testing/probe-app';

let keys: KeyServer;
let probe: ProbeApp;
beforeAll(async () => {
  keys = await KeyServer.start();
  probe = await startProbeApp({ AUTH_URL: keys.url, RATE_LIMITS: 'on', USER_REQUESTS_PER_MINUTE: '5' });
});
afterAll(async () => {
  await probe.app.close();
  await keys.stop();
});

const ask = (token: string) => fetch(`${probe.url}/mine`, { headers: { authorization: `Bearer ${token}` } });

describe('requests of a user', () => {
  it('are refused beyond his share, over all his sessions, and told when to come again', async () => {
    const sub = randomUUID();
    const tokens = [await keys.sign({ sub, sid: randomUUID() }), await keys.sign({ sub, sid: randomUUID() })];
    const answers = [];
    for (let n = 0; n < 6; n++) answers.push(await ask(tokens[n % 2] ?? ''));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = answers[5];
    expect(refused?.headers.get('content-type')).toContain('application/problem+json');
    const body = (await refused?.json()) as { retryAfterMs: number };
    expect(body).toMatchObject({ code: 'rate_limited', retryable: true, status: 429 });
    expect(refused?.headers.get('retry-after')).toBe(String(Math.ceil(body.retryAfterMs / 1000)));
    expect(body.retryAfterMs).toBeGreaterThan(50_000);
    expect(body.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('leave other users, and routes without a token, as they are', async () => {
    const other = await keys.sign({ sub: randomUUID(), sid: randomUUID() });
    expect((await ask(other)).status).toBe(200);
    for (let n = 0; n < 20; n++) expect((await fetch(`${probe.url}/health/live`)).status).toBe(200);
  });

  it('are not counted by who shows a forged token in his name', async () => {
    const sub = randomUUID();
    const mine = await keys.sign({ sub, sid: randomUUID() });
    const [head, body] = mine.split('.');
    for (let n = 0; n < 10; n++) expect((await ask(`${head}.${body}.AAAA`)).status).toBe(401);
    expect((await ask(mine)).status).toBe(200);
  });

  it('that are refused are counted', async () => {
    const figures = await (await fetch(`${probe.url}/metrics`)).text();
    expect(figures).toContain('maru_rate_limited_total{limit="user_requests"} 1');
  });
});
