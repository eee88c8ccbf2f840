import { randomUUID } from 'node:crypto';
import { AuthApp } from '../testing/auth-app';

describe('tickets of streams', () => {
  let auth: AuthApp;
  beforeAll(async () => {
    auth = await AuthApp.start({});
  });
  afterAll(() => auth.stop());

  const use = (id: string, by: string, seconds = 60) =>
    auth.call('PUT', `/internal/tickets/${id}`, {
      by,
      until: new Date(Date.now() + seconds * 1000).toISOString(),
    });

  it('are good for who was first, however often he asks, and for nobody else', async () => {
    const [id, one, two] = [randomUUID(), randomUUID(), randomUUID()];
    expect((await use(id, one)).body).toEqual({ mine: true });
    expect((await use(id, two)).body).toEqual({ mine: false });
    expect((await use(id, one)).body).toEqual({ mine: true });
  });

  it('are good for one of many who come at once', async () => {
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => use(id, randomUUID())));
    expect(answers.filter(({ body }) => (body as { mine?: boolean }).mine)).toHaveLength(1);
  });

  it('are forgotten when nobody would take them any more', async () => {
    const [id, one, two] = [randomUUID(), randomUUID(), randomUUID()];
    expect((await use(id, one, -1)).body).toEqual({ mine: true });
    expect((await use(id, two)).body).toEqual({ mine: true });
  });
});
