import { z } from 'zod';
import {
  ConfigError,
  count,
  port,
  readEnvironment,
  refuseDevelopmentSecrets,
  serviceEnv,
} from './environment';

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('No ConfigError was thrown.');
};

describe('settings', () => {
  it('have defaults, and an empty one counts as not set', () => {
    const env = readEnvironment(
      { PORT: port.default(3301), SIZE: count.default(3) },
      { PORT: '', SIZE: '7' },
    );
    expect(env).toEqual({ PORT: 3301, SIZE: 7 });
  });

  it('are all named at once when they are wrong', () => {
    const env = { PORT: '70000', LOG_LEVEL: 'loud', CHAT_URL: 'nowhere', INTERNAL_SECRET: 'short' };
    const message = messageOf(() => readEnvironment({ ...serviceEnv, PORT: port }, env));
    for (const name of Object.keys(env)) expect(message).toContain(`  ${name}: `);
    expect(message).not.toContain('TOKEN_ISSUER');
  });

  it('take several addresses of api-chat', () => {
    const env = readEnvironment(serviceEnv, { CHAT_URL: 'http://a:1, http://b:2' });
    expect(env.CHAT_URL).toEqual(['http://a:1', 'http://b:2']);
  });

  const secret = { INTERNAL_SECRET: 'a secret of their own' };
  const url = (password: string) => ({ DATABASE_URL: `postgres://ann${password}@127.0.0.1/maru_users` });
  const check = (env: NodeJS.ProcessEnv) => () =>
    refuseDevelopmentSecrets(readEnvironment({ ...serviceEnv, DATABASE_URL: z.url().optional() }, env));

  it('refuse secrets that everybody knows in production, and only there', () => {
    const NODE_ENV = 'production';
    expect(messageOf(check({ NODE_ENV }))).toMatch(/^INTERNAL_SECRET must be set[^\n]*$/);
    for (const known of [':postgres', ':Password', ':ann', ':maru']) {
      expect(messageOf(check({ NODE_ENV, ...secret, ...url(known) }))).toMatch(
        /^DATABASE_URL must not[^\n]*$/,
      );
      check({ ...url(known) })();
    }
    for (const good of ['', ':5d41402abc4b2a76']) check({ NODE_ENV, ...secret, ...url(good) })();
    check({ NODE_ENV, ...secret })();
    check({})();
  });

  it('say what each is for', () => {
    for (const [name, field] of Object.entries(serviceEnv)) {
      expect([name, field.description]).toEqual([name, expect.stringMatching(/\w{3}/)]);
    }
  });
});
