import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';

const main = (app: string) => path.resolve(__dirname, '../../../dist/apps', app, 'main.js');
const withDatabase = ['api-users', 'api-auth', 'api-chat'];
const own = { INTERNAL_SECRET: randomBytes(32).toString('hex') };
const url = (password: string) => ({ DATABASE_URL: `postgres://ann:${password}@127.0.0.1:9/maru` });

/** How a built app ends that is started with these settings. */
function start(app: string, settings: NodeJS.ProcessEnv) {
  const env = { PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', ...settings };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main(app)], {
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

describe('a start in production', () => {
  it.each([...withDatabase, 'gateway'])('of %s is refused with the secret that everybody knows', (app) => {
    for (const secret of [{}, { INTERNAL_SECRET: 'maru-development-only' }]) {
      const database = url(randomBytes(16).toString('hex'));
      const { status, stdout, stderr } = start(app, { NODE_ENV: 'production', ...database, ...secret });
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^INTERNAL_SECRET must be set in production: [^\n]*\n$/);
    }
  });

  it.each(withDatabase)('of %s is refused with a password of the database that everybody knows', (app) => {
    const { status, stdout, stderr } = start(app, { NODE_ENV: 'production', ...own, ...url('postgres') });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^DATABASE_URL must not hold a password that everybody knows in production: [^\n]*\n$/,
    );
  });

  it('is refused with origins or proxies that are none', () => {
    const wrong = { CORS_ORIGINS: 'https://*.example.org', TRUSTED_PROXIES: 'everybody' };
    const { status, stderr } = start('gateway', { NODE_ENV: 'production', ...own, ...wrong });
    expect(status).toBe(1);
    expect(stderr).toMatch(/CORS_ORIGINS: .*\n {2}TRUSTED_PROXIES: /);
  });
});
