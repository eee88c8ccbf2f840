import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { clientAddressHeader, signedAddress } from '@maru/service-kit';
import { addAccount, password } from '../testing/accounts';
import { AuthApp } from '../testing/auth-app';
import { UsersStandIn } from '../testing/users-stand-in';

const freeGuesses = 3;
let users: UsersStandIn;
let auth: AuthApp;

beforeAll(async () => {
  users = await UsersStandIn.start();
  auth = await AuthApp.start({
    USERS_URL: users.url,
    RATE_LIMITS: 'on',
    FREE_GUESSES: String(freeGuesses),
    LONGEST_PAUSE_SECONDS: '2',
    ADDRESS_GUESSES_PER_15_MINUTES: '20',
  });
});
afterAll(async () => {
  await auth.stop();
  await users.stop();
});

let last = 0;
/** An address that no other test has. */
const newAddress = () => `203.0.113.${++last}`;
const newEmail = () => `${randomUUID()}@example.org`;

interface Answer {
  status: number;
  retryAfter: number;
  body: { code?: string; retryAfterMs?: number; accessToken?: string };
}

async function post(path: string, body: object, address: string, token?: string): Promise<Answer> {
  const response = await fetch(auth.env.AUTH_URL + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      [clientAddressHeader]: signedAddress(address, auth.env.INTERNAL_SECRET),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  });
  const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
  return { status: response.status, retryAfter, body: (await response.json()) as Answer['body'] };
}
const logIn = (email: string, given: string, address: string) =>
  post('/api/auth/login', { email, password: given }, address);

async function guess(email: string, address: string, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push((await logIn(email, `wrong ${n}`, address)).status);
  return statuses;
}

describe('guessing passwords', () => {
  it('has to wait after the free guesses, longer after each, and is told how long', async () => {
    const [email, address] = [newEmail(), newAddress()];
    expect(await guess(email, address, freeGuesses + 1)).toEqual([401, 401, 401, 401]);
    const first = await logIn(email, 'wrong', address);
    expect([first.status, first.body.code, first.retryAfter]).toEqual([429, 'rate_limited', 1]);
    await delay(first.body.retryAfterMs);
    expect((await logIn(email, 'wrong', address)).status).toBe(401);
    const second = await logIn(email, 'wrong', address);
    expect([second.status, second.retryAfter]).toEqual([429, 2]);
    expect(second.body.retryAfterMs).toBeGreaterThan(1000);
    await delay(second.body.retryAfterMs);
    expect((await logIn(email, 'wrong', address)).status).toBe(401);
    // The longest pause.
    expect((await logIn(email, 'wrong', address)).retryAfter).toBe(2);
  });

  it('gets no more by asking many times at once', async () => {
    const [email, address] = [newEmail(), newAddress()];
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, n) => logIn(email, `wrong ${n}`, address)),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(freeGuesses + 1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15 - freeGuesses - 1);
  });

  it('tells nothing of whether the e-mail has an account', async () => {
    const { email } = await addAccount(auth, users);
    const answersFor = async (which: string): Promise<unknown[]> => {
      const address = newAddress();
      const answers: unknown[] = [];
      for (let n = 0; n < freeGuesses + 3; n++) {
        const { status, retryAfter, body } = await logIn(which, 'wrong', address);
        answers.push({ status, retryAfter, code: body.code, fields: Object.keys(body).sort() });
      }
      return answers;
    };
    expect(await answersFor(email)).toEqual(await answersFor(newEmail()));
  });

  it('keeps the owner out from nowhere else, and not even from there for good', async () => {
    const { email } = await addAccount(auth, users);
    const [attacker, home] = [newAddress(), newAddress()];
    const statuses = await guess(email, attacker, 10);
    expect(statuses).toContain(429);
    expect((await logIn(email, password, home)).status).toBe(200);
    // However long that took: one more wrong guess that counts, and the pause of 2 s has begun.
    while ((await logIn(email, 'wrong', attacker)).status !== 401) await delay(50);
    const refused = await logIn(email, password, attacker);
    expect(refused.status).toBe(429);
    await delay(refused.body.retryAfterMs);
    expect((await logIn(email, password, attacker)).status).toBe(200);
    // The right password wipes the slate.
    expect(await guess(email, attacker, freeGuesses)).toEqual([401, 401, 401]);
  });

  it('is bounded for an address over all accounts, which right passwords do not use up', async () => {
    const account = await addAccount(auth, users);
    const address = newAddress();
    for (let n = 0; n < 25; n++) expect((await logIn(account.email, password, address)).status).toBe(200);
    const statuses = await Promise.all(
      Array.from({ length: 22 }, async () => (await logIn(newEmail(), 'wrong', address)).status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    const other = await logIn(account.email, password, newAddress());
    expect(other.status).toBe(200);
  });

  it('is counted by what the door says of the address; what others say of it does not matter', async () => {
    const email = newEmail();
    const ask = (n: number) =>
      fetch(`${auth.env.AUTH_URL}/api/auth/login`, {
        method: 'POST',
        body: JSON.stringify({ email, password: 'wrong' }),
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': `198.51.100.${n}`,
          [clientAddressHeader]: `198.51.100.${n} AAAA`,
        },
      });
    const statuses: number[] = [];
    for (let n = 0; n < freeGuesses + 2; n++) statuses.push((await ask(n)).status);
    expect(statuses.at(-1)).toBe(429);
  });

  it('is no easier over the change of a password', async () => {
    const account = await addAccount(auth, users);
    const address = newAddress();
    const { accessToken } = (await logIn(account.email, password, address)).body;
    const change = (currentPassword: string) => {
      const body = { currentPassword, newPassword: 'quite another one' };
      return post('/api/auth/password', body, address, accessToken);
    };
    for (let n = 0; n <= freeGuesses; n++)
      expect((await change('wrong')).body.code).toBe('invalid_credentials');
    const refused = await change('wrong');
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    await delay(refused.body.retryAfterMs);
    expect((await change(password)).status).toBe(200);
  });

  it('is counted for nobody while users cannot be asked', async () => {
    const account = await addAccount(auth, users);
    const address = newAddress();
    users.setAway(true);
    for (let n = 0; n < freeGuesses + 3; n++) {
      expect((await logIn(account.email, password, address)).body.code).toBe('unavailable');
    }
    users.setAway(false);
    expect((await logIn(account.email, password, address)).status).toBe(200);
  });
});
