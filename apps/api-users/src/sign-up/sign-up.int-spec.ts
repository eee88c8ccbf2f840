import { randomUUID } from 'node:crypto';
import { AccountServices, newPerson, until } from '../testing/account-services';
import { ToldUsers } from '../testing/told-users';

let services: AccountServices;
const told = new ToldUsers();

beforeAll(async () => {
  services = await AccountServices.start({ SIGN_UP_TIMEOUT_MS: '60000' });
  await told.start();
});
afterAll(async () => {
  await told.stop();
  await services.stop();
});

describe('signing up', () => {
  it('makes a user who can log in at once, and tells it', async () => {
    const person = newPerson({ name: 'Ada Lovelace' });
    const { status, body } = await services.signUp(person);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      email: person.email,
      name: 'Ada Lovelace',
      statusMessage: '',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const logIn = await services.logIn(person);
    expect([logIn.status, logIn.body.user]).toEqual([200, body]);
    await until(() => told.of(body.id).length === 1);
    expect(told.of(body.id)[0]).toMatchObject({ type: 'user.created', version: 1, name: 'Ada Lovelace' });
  });

  it('is refused for an e-mail that has an account, in any case', async () => {
    const person = newPerson();
    await services.signUp(person);
    for (const email of [person.email, person.email.toUpperCase(), ` ${person.email}`]) {
      const again = await services.signUp({ ...person, email });
      expect([again.status, again.body.code]).toEqual([409, 'email_taken']);
    }
  });

  it('makes one user of twenty sign-ups at once, and its password is the one that lets in', async () => {
    const email = `${randomUUID()}@example.org`;
    const persons = Array.from({ length: 20 }, (_, n) => newPerson({ email, password: `password ${n % 4}` }));
    const answers = await Promise.all(persons.map((person) => services.signUp(person)));
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    const refused = answers.filter(({ status }) => status !== 201).map(({ body }) => body.code ?? '');
    for (const code of refused) expect(['email_taken', 'signup_in_progress']).toContain(code);
    const letIn = await Promise.all(
      persons.slice(0, 4).map(async (person) => (await services.logIn(person)).status),
    );
    expect(letIn.sort()).toEqual([200, 401, 401, 401]);
  });

  it.each([
    ['no e-mail', { email: undefined }],
    ['no address', { email: 'ada' }],
    ['an empty name', { name: '' }],
    ['a blank name', { name: '   ' }],
    ['a name of two lines', { name: 'a\nb' }],
    ['a name that is too long', { name: 'x'.repeat(65) }],
    ['a short password', { password: 'nine char' }],
    ['a long password', { password: 'xyz'.repeat(171) }],
    ['a number for a password', { password: 12345678 }],
    ['a field of its own', { admin: true }],
  ])('is refused with %s', async (_, wrong) => {
    const { status, body } = await services.call('POST', '/api/users', { ...newPerson(), ...wrong });
    expect([status, body.code]).toEqual([400, 'bad_request']);
  });

  it.each([
    ['one of the most common', { password: 'Password123' }],
    ['the e-mail', { email: 'somebody@example.org', password: 'Somebody@example.org' }],
    ['the name', { name: 'Augusta Ada King', password: 'augusta ada king' }],
    ['two characters over and over', { password: 'abababababab' }],
  ])('is refused with a password that is guessed first: %s', async (_, weak) => {
    const person = newPerson(weak);
    const { status, body } = await services.signUp(person);
    expect([status, body.code]).toEqual([400, 'weak_password']);
    expect((await services.logIn(person)).status).toBe(401);
  });

  it('leaves no password and no hash in any log, record or answer', async () => {
    const person = newPerson({ password: 'a password to look for' });
    const { body } = await services.signUp(person);
    await services.call('POST', '/api/users', { ...person, name: '' });
    await until(() => told.of(body.id).length === 1);
    const seen = services.users.output + services.auth.output + told.text + JSON.stringify(body);
    expect(seen).not.toMatch(/a password to look for|argon2/);
    expect(told.text).not.toContain('@example.org');
  });
});
