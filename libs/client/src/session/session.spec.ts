import { fetchOf, moment } from '../testing/answers';
import { MemoryStore } from '../store';
import { Session } from './session';

/** A server that logs in whoever asks, with tokens that say whose they are and last so long. */
function serverOf(expiresIn = 3600, renewed: Promise<unknown> = Promise.resolve()) {
  const asked: string[] = [];
  const fetch = fetchOf(async ({ what, body }) => {
    asked.push(what);
    const { email, refreshToken } = body as { email?: string; refreshToken?: string };
    if (what === 'POST /auth/login')
      return { accessToken: `${email} 1`, refreshToken: email, expiresIn, user: { id: email, email } };
    if (what === 'POST /auth/refresh') await renewed;
    return { accessToken: `${refreshToken} 2`, refreshToken, expiresIn: 3600 };
  });
  const options = { url: 'https://chat.example.org', fetch, store: new MemoryStore() };
  const logIn = (email: string) => Session.logIn(options, { email, password: 'correct horse battery' });
  return { logIn, asked, kept: () => Session.restore(options) };
}

describe('a session whose store tabs share', () => {
  it('gives no token of another user who has logged in since', async () => {
    const { logIn } = serverOf();
    const ann = await logIn('ann');
    const bob = await logIn('bob');
    await expect(ann.token({})).rejects.toMatchObject({ code: 'session_ended', retryable: false });
    expect(await bob.token({})).toBe('bob 1');
  });

  it('leaves another user logged in when it ends', async () => {
    const { logIn, asked, kept } = serverOf();
    const ann = await logIn('ann');
    const bob = await logIn('bob');
    await ann.logOut();
    expect(await kept()).toMatchObject({ user: { id: 'bob' } });
    expect(asked).not.toContain('POST /auth/logout');
    await bob.logOut();
    expect(await kept()).toBeUndefined();
  });

  it('leaves another user logged in when its own renewal comes later', async () => {
    const renewed = moment();
    const { logIn, asked, kept } = serverOf(0, renewed.happened);
    const ann = await logIn('ann');
    const token = ann.token({});
    while (!asked.includes('POST /auth/refresh')) await Promise.resolve();
    await logIn('bob');
    renewed.happen();
    await token;
    expect(await kept()).toMatchObject({ user: { id: 'bob' } });
  });
});
