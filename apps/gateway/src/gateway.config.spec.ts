import { gatewayEnv, refuseLongDrain } from './gateway.config';
import { readEnvironment } from '@maru/service-kit';

describe('how long clients are sent away', () => {
  const settings = (env: Record<string, string>) => readEnvironment(gatewayEnv, env);

  it('is not at all, unless that is set', () => {
    expect(settings({}).DRAIN_MS).toBe(0);
    expect(() => refuseLongDrain(settings({}))).not.toThrow();
    expect(() => refuseLongDrain(settings({ DRAIN_MS: '7999' }))).not.toThrow();
  });

  it.each([{ DRAIN_MS: '8000' }, { DRAIN_MS: '30000', SHUTDOWN_TIMEOUT_MS: '20000' }])(
    'has to end before the process does: not %j',
    (env) => {
      expect(() => refuseLongDrain(settings(env))).toThrow(
        /DRAIN_MS \(\d+\) must be below SHUTDOWN_TIMEOUT_MS/,
      );
    },
  );
});
