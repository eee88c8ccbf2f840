import { AccountServices, newPerson, type Person, until } from '../testing/account-services';
import { ToldUsers } from '../testing/told-users';

let services: AccountServices;
const told = new ToldUsers();

beforeAll(async () => {
  services = await AccountServices.start();
  await told.start();
});
afterAll(async () => {
  await told.stop();
  await services.stop();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** An answer that may never come. */
const signUpToNobody = (person: Person) => services.signUp(person).catch(() => undefined);

async function mustBeWhole({ email, password, name }: Person): Promise<void> {
  const logIn = await services.logIn({ email, password, name });
  expect([logIn.status, logIn.body.user?.email]).toEqual([200, email]);
  expect((await services.logIn({ email, password: 'wrong horse', name })).status).toBe(401);
  await until(() => told.of(logIn.body.user.id).length > 0);
  expect(told.of(logIn.body.user.id).map(({ type }) => type)).toEqual(['user.created']);
  expect(await services.halves()).toEqual([]);
}

describe('a sign-up that was killed', () => {
  it.each(['request', 'answer'] as const)(
    'with api-users, the credential’s %s under way, is completed by a repeat, within the minute by no other',
    async (what) => {
      const person = newPerson();
      const standing = services.proxy.hold(what, '/internal/credentials/');
      const answer = signUpToNobody(person);
      await standing;
      await services.users.kill('SIGKILL');
      services.proxy.cut();
      await answer;
      expect((await services.logIn(person).catch(() => ({ status: 503 }))).status).not.toBe(200);
      await services.users.start();
      const other = await services.signUp({ ...person, password: 'another password' });
      expect([other.status, other.body.code]).toEqual([409, 'signup_in_progress']);
      const repeated = await services.signUp({ ...person, name: 'Ada, again' });
      expect([repeated.status, repeated.body.name]).toEqual([201, 'Ada, again']);
      await mustBeWhole(person);
    },
  );

  it.each(['request', 'answer'] as const)(
    'with api-auth, the credential’s %s under way, says so and is completed by a repeat',
    async (what) => {
      const person = newPerson();
      const standing = services.proxy.hold(what, '/internal/credentials/');
      const answer = services.signUp(person);
      await standing;
      await services.auth.kill('SIGKILL');
      services.proxy.cut();
      expect((await answer).body.code).toBe('unavailable');
      await services.auth.start();
      expect((await services.signUp(person)).status).toBe(201);
      await mustBeWhole(person);
    },
  );

  it('with api-users at any moment after that, leaves a user with his credential or none', async () => {
    for (const delay of [0, 5, 10, 20, 30, 40, 'answered'] as const) {
      const person = newPerson();
      const standing = services.proxy.hold('request', '/internal/credentials/');
      const first = signUpToNobody(person);
      await standing;
      services.proxy.cut();
      // The service asks again, this time without hindrance.
      await (delay === 'answered' ? first : pause(delay));
      await services.users.kill('SIGKILL');
      await first;
      await services.users.start();
      const { status, body } = await services.signUp(person);
      expect([201, 'email_taken']).toContain(status === 201 ? status : body.code);
      await mustBeWhole(person);
    }
  }, 120_000);
});

describe('a sign-up that takes too long', () => {
  const timeoutMs = 3000;
  let before: AccountServices;

  beforeAll(async () => {
    before = services;
    services = await AccountServices.start({ SIGN_UP_TIMEOUT_MS: String(timeoutMs) });
  });
  afterAll(async () => {
    await services.stop();
    services = before;
  });

  it('yields to another one, and a late step of it changes nothing', async () => {
    const slow = newPerson({ name: 'Slow' });
    const standing = services.proxy.hold('answer', '/internal/credentials/');
    const answer = services.signUp(slow);
    await standing;
    const quick = { ...slow, name: 'Quick', password: 'battery staple' };
    expect((await services.signUp(quick)).body.code).toBe('signup_in_progress');
    await pause(timeoutMs);
    const made = await Promise.all([services.signUp(quick), services.signUp(quick)]);
    expect(made.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    // Now the slow one asks api-auth again, with its lower attempt.
    services.proxy.cut();
    expect((await answer).body.code).toBe('signup_in_progress');
    await mustBeWhole(quick);
    expect((await services.logIn(slow)).status).toBe(401);
  });
});
