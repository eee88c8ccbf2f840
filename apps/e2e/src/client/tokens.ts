import { MaruError, MemoryStore, Session } from '@maru/client';
import { accessTokenSeconds } from '@maru/contracts';
import { until } from '../support/until';
import { type ClientStage, timing } from './client-stage';

/** Promises about tokens: they are renewed unseen, and their end is told. */
export function tokens(stage: () => ClientStage): void {
  const rest = () => stage().maru.rest();

  it('shows a living connection a newer token before the old one runs out', async () => {
    const first = await rest().logIn(stage().cat.email, stage().cat.password);
    const asked: (string | undefined)[] = [];
    const provider = async ({ stale }: { stale?: string }): Promise<string> => {
      asked.push(stale);
      return stale === undefined
        ? first.accessToken
        : (await rest().logIn(stage().cat.email, stage().cat.password)).accessToken;
    };
    const soon = { ...timing, renewBeforeMs: 24 * 3600 * 1000, renewEveryMs: 200 };
    const one = stage().client(stage().cat, { token: provider, timing: soon });
    const states: string[] = [];
    one.on('state', ({ state }) => states.push(state));
    await until('it was renewed twice', () => asked.length >= 3);
    expect(asked.slice(0, 2)).toEqual([undefined, first.accessToken]);
    // A connection that went on with the first token would end with its session.
    const ended = new Promise<void>((resolve) => {
      one.on('session', ({ what }) => what === 'ended' && resolve());
    });
    await rest().logOut(first.accessToken, first.refreshToken);
    await ended;
    await one.rooms.load();
    expect(states).toEqual(['online']);
  });

  it('comes back with another token when one ran out, and misses nothing', async () => {
    const roomId = await stage().room(stage().cat);
    let asked = 0;
    const token = async (): Promise<string> => {
      asked++;
      return (await rest().logIn(stage().cat.email, stage().cat.password)).accessToken;
    };
    // To this gateway every token has 3 s left.
    await stage().setClock((accessTokenSeconds - 3) * 1000);
    try {
      const one = stage().client(stage().cat, { token });
      const codes: unknown[] = [];
      one.on('state', ({ error }) => error && codes.push(error.code));
      await one.room(roomId).open();
      await until('the first one has run out', () => codes.length > 0);
      await until('it is back', () => one.state === 'online');
      expect(asked).toBeGreaterThanOrEqual(2);
      expect(new Set(codes)).toEqual(new Set(['token_expired']));
      await rest().post(stage().ann.token, roomId, { text: 'still there?' });
      await until('it hears on', () => one.room(roomId).messages.length === 1);
    } finally {
      await stage().setClock(0);
    }
  });

  it('ends, and says why, when the session has ended or the token is none', async () => {
    const { accessToken, refreshToken } = await rest().logIn(stage().cat.email, stage().cat.password);
    const one = stage().client(stage().cat, { token: accessToken });
    await one.online();
    const states: unknown[] = [];
    one.on('state', (state) => states.push(state));
    await rest().logOut(accessToken, refreshToken);
    await until('it is closed', () => one.state === 'closed');
    expect(states).toMatchObject([{ state: 'closed', error: { code: 'session_ended' } }]);
    await expect(stage().client(stage().cat, { token: 'no token' }).online()).rejects.toBeInstanceOf(
      MaruError,
    );
    await expect(one.online()).rejects.toMatchObject({ code: 'session_ended' });
  });

  it('logs in, is restored from its store, renews itself once for all who ask, and logs out', async () => {
    const store = new MemoryStore();
    const at = { url: stage().url, store };
    const email = `fay-${Date.now()}@e2e.test`;
    const password = 'correct horse battery';
    await Session.signUp(at, { email, name: 'Fay', password });
    await expect(Session.logIn(at, { email, password: 'wrong horse battery' })).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    await Session.logIn(at, { email, password });
    const session = await Session.restore(at);
    expect(session?.user).toMatchObject({ name: 'Fay', email });
    const { token } = session ?? {};
    const [first] = await Promise.all([token?.({}), token?.({})]);
    // Two tokens of one session and one second are the same.
    const now = Math.floor(Date.now() / 1000);
    await until('a second has passed', () => Math.floor(Date.now() / 1000) > now);
    const [second, same] = await Promise.all([
      token?.({ stale: first ?? '' }),
      token?.({ stale: first ?? '' }),
    ]);
    expect(second).not.toBe(first);
    expect(same).toBe(second);
    const one = stage().client(stage().cat, { token: token ?? '' });
    expect(await one.online()).toEqual({ userId: session?.user.id });
    await session?.logOut();
    await until('it is closed', () => one.state === 'closed');
    expect(await Session.restore(at)).toBeUndefined();
  });

  it('renews its session though the answer was lost, before a reload or after it', async () => {
    const store = new MemoryStore();
    let lost = 0;
    const at = {
      url: stage().url,
      store,
      fetch: (async (to: string, request) => {
        const answer = await fetch(to, request);
        if (!to.endsWith('/auth/refresh') || ++lost > 5) return answer;
        throw new TypeError('the line was cut');
      }) as typeof fetch,
    };
    const account = { email: `gil-${Date.now()}@e2e.test`, password: 'correct horse battery' };
    await Session.signUp(at, { ...account, name: 'Gil' });
    const before = await Session.logIn(at, account);
    const stale = await before.token({});
    await expect(before.token({ stale })).rejects.toMatchObject({ code: 'network' });
    const after = await Session.restore(at);
    await after?.token({ stale });
    expect(lost).toBe(6);
    expect((await after?.token({}))?.length).toBeGreaterThan(0);
    await after?.logOut();
  });
}
