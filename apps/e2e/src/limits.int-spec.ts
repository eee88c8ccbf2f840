import { randomUUID } from 'node:crypto';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import { newUser, type TestUser } from './support/user';

/** A Maru as in production, limits on, behind a proxy on this machine. */
describe('a Maru with limits', () => {
  let maru: Maru;
  let ann: TestUser;
  beforeAll(async () => {
    maru = await startMaru({
      env: {
        NODE_ENV: 'production',
        TRUSTED_PROXIES: 'loopback',
        FREE_GUESSES: '3',
        ADDRESS_SIGN_UPS_PER_HOUR: '5',
        USER_REQUESTS_PER_MINUTE: '30',
      },
    });
    ann = await newUser(maru.rest(), 'Ann');
  }, 120_000);
  afterAll(() => maru.stop());

  interface Answer {
    status: number;
    headers: Headers;
    body: Record<string, unknown>;
  }
  async function ask(
    method: string,
    path: string,
    from: string,
    body?: object,
    token?: string,
  ): Promise<Answer> {
    const response = await fetch(`${maru.urls[0]}/api${path}`, {
      method,
      headers: {
        'x-forwarded-for': from,
        ...(body && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as Answer['body'] };
  }
  const logIn = (from: string, password: string, email = ann.email) =>
    ask('POST', '/auth/login', from, { email, password });

  it('slows an attacker down, and the user whom he attacks logs in from elsewhere', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 8; n++) answers.push(await logIn('203.0.113.1', `a guess ${n}`));
    expect(answers.slice(0, 4).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    const refused = answers.slice(4).find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    // Whatever he makes up before the address that the proxy has seen.
    let made = 0;
    const forwarded = () => logIn(`198.51.100.${++made}, 203.0.113.1`, 'a guess');
    await until('he is refused', async () => (await forwarded()).status === 429);
    expect((await logIn('203.0.113.2', ann.password)).status).toBe(200);
    expect((await maru.rest().logIn(ann.email, ann.password)).user.id).toBe(ann.id);
  });

  it('bounds sign-ups of an address, and what a user asks of a service', async () => {
    const signUp = (from: string) =>
      ask('POST', '/users', from, {
        email: `${randomUUID()}@e2e.test`,
        name: 'New',
        password: 'correct horse',
      });
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await signUp('203.0.113.3')).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
    expect((await signUp('203.0.113.4')).status).toBe(201);
    const asked = [];
    for (let n = 0; n < 31; n++)
      asked.push((await ask('GET', '/rooms', '203.0.113.5', undefined, ann.token)).status);
    expect(asked).toEqual([...Array<number>(30).fill(200), 429]);
  });

  it('takes a password to its last character and refuses what is guessed first', async () => {
    const email = `${randomUUID()}@e2e.test`;
    const from = '203.0.113.6';
    const signUp = (password: string) => ask('POST', '/users', from, { email, name: 'Long', password });
    expect(await signUp('Password123')).toMatchObject({ status: 400, body: { code: 'weak_password' } });
    expect(await signUp('too short')).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    const long = '마루 👋 '.repeat(102) + '12';
    expect([...long]).toHaveLength(512);
    expect((await signUp(long)).status).toBe(201);
    expect((await logIn(from, long, email)).status).toBe(200);
    expect((await logIn(from, long.slice(0, -1), email)).status).toBe(401);
  });

  it('answers with headers that a browser keeps to, and lets nobody keep an answer', async () => {
    const [url = ''] = maru.urls;
    for (const path of ['/api/rooms', '/api/auth/sessions', '/docs', '/health/live', '/nothing']) {
      const { headers } = await fetch(url + path);
      expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
      if (path.startsWith('/api/')) expect([path, headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
    const { headers } = await logIn('203.0.113.7', ann.password);
    expect(headers.get('cache-control')).toBe('no-store');
  });
});
