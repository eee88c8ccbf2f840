import { PasswordHasher } from './password-hasher';

const msOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = performance.now();
  await work();
  return performance.now() - before;
};

describe('a password', () => {
  it('is hashed with Argon2id and salt, and known again', async () => {
    const hasher = new PasswordHasher();
    const [one, other] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(other).not.toBe(one);
    expect(await hasher.verify(one, 'correct horse')).toBe(true);
    expect(await hasher.verify(one, 'correct Horse')).toBe(false);
  });

  it('is hashed to its last character, in whatever form its letters were typed', async () => {
    const hasher = new PasswordHasher();
    const long = 'é'.repeat(512);
    const hashed = await hasher.hash(long);
    expect(await hasher.verify(hashed, long.normalize('NFD'))).toBe(true);
    expect(await hasher.verify(hashed, long.slice(1))).toBe(false);
    expect(await hasher.verify(hashed, `${long.slice(1)}e`)).toBe(false);
  });

  it('is wrong where there is none, after the same time', async () => {
    const hasher = new PasswordHasher();
    const hashed = await hasher.hash('correct horse');
    expect(await hasher.verify(undefined, 'a password that nobody has')).toBe(false);
    // By turns, and the quickest of each: a machine that has other work to do makes some slower, and none quicker.
    const times = { unknown: [] as number[], wrong: [] as number[] };
    for (let n = 0; n < 15; n++) {
      times.unknown.push(await msOf(() => hasher.verify(undefined, 'wrong')));
      times.wrong.push(await msOf(() => hasher.verify(hashed, 'wrong')));
    }
    const [unknown, wrong] = [Math.min(...times.unknown), Math.min(...times.wrong)];
    expect(Math.max(unknown, wrong) / Math.min(unknown, wrong)).toBeLessThan(2);
  });

  it('waits for its turn, and is refused when too many wait', async () => {
    const hasher = new PasswordHasher(2, 3);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => hasher.hash('correct horse')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map((outcome) => (outcome.reason as { code: string }).code)).toEqual([
      'too_busy',
      'too_busy',
      'too_busy',
    ]);
    expect(await hasher.verify(await hasher.hash('later'), 'later')).toBe(true);
  });
});
