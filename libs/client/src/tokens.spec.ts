import { Tokens } from './tokens';

describe('the token of a client', () => {
  it('is asked for once, by however many want it at a time', async () => {
    let asked = 0;
    const tokens = new Tokens(async () => `token ${++asked}`);
    expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['token 1', 'token 1']);
    expect(await tokens.get()).toBe('token 1');
    expect(await Promise.all([tokens.renew('token 1'), tokens.renew('token 1')])).toEqual([
      'token 2',
      'token 2',
    ]);
    // Who comes late with the old one gets the one that is there.
    expect(await tokens.renew('token 1')).toBe('token 2');
  });

  it('is asked for anew by who has just got one that is refused', async () => {
    let asked = 0;
    const tokens = new Tokens(() => `token ${++asked}`);
    for (let n = 1; n < 5; n++) expect(await tokens.renew(`token ${n - 1}`)).toBe(`token ${n}`);
  });

  it('is asked for again after its provider has failed', async () => {
    let asked = 0;
    const tokens = new Tokens(() => {
      if (++asked === 1) throw new Error('away');
      return 'token';
    });
    await expect(tokens.get()).rejects.toThrow('away');
    expect(await tokens.get()).toBe('token');
  });

  it('that is fixed is given until it is refused', async () => {
    const tokens = new Tokens('fixed');
    expect(await tokens.get()).toBe('fixed');
    await expect(tokens.renew('fixed')).rejects.toMatchObject({ code: 'token_expired', retryable: false });
  });
});
