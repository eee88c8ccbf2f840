import {
  ConfigError,
  count,
  port,
  readEnvironment,
  refuseDevelopmentSecret,
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

  it('refuse the secret that everybody knows in production, and only there', () => {
    const production = readEnvironment(serviceEnv, { NODE_ENV: 'production' });
    expect(messageOf(() => refuseDevelopmentSecret(production))).toContain('INTERNAL_SECRET must be set');
    const secret = 'a secret of their own';
    refuseDevelopmentSecret(readEnvironment(serviceEnv, { NODE_ENV: 'production', INTERNAL_SECRET: secret }));
    refuseDevelopmentSecret(readEnvironment(serviceEnv, {}));
  });

  it('say what each is for', () => {
    for (const [name, field] of Object.entries(serviceEnv)) {
      expect([name, field.description]).toEqual([name, expect.stringMatching(/\w{3}/)]);
    }
  });
});
