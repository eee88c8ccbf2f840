import { setTimeout as delay } from 'node:timers/promises';
import type { CodedError } from '@maru/contracts';
import { Registry } from 'prom-client';
import { RateLimits } from './rate-limits';

const registry = new Registry();
const on = new RateLimits({ RATE_LIMITS: 'on', NODE_ENV: 'test' }, registry);
const outcome = (work: Promise<void>): Promise<CodedError | 'done'> =>
  work.then(
    () => 'done' as const,
    (error: CodedError) => error,
  );

describe('a rate limit', () => {
  it('gives each key its share, says how long to wait, and gives again after that', async () => {
    const limit = on.limit('spec', 3, 1);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcome(limit.take('ann'))));
    expect(outcomes.slice(0, 3)).toEqual(['done', 'done', 'done']);
    const [, , , refused] = outcomes as CodedError[];
    expect(refused?.toBody()).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(refused?.retryAfterMs).toBeGreaterThan(0);
    expect(refused?.retryAfterMs).toBeLessThanOrEqual(1000);
    expect(await outcome(limit.take('bob'))).toBe('done');
    await delay(refused?.retryAfterMs);
    expect(await outcome(limit.take('ann'))).toBe('done');
    expect(await registry.getSingleMetricAsString('maru_rate_limited_total')).toContain('{limit="spec"} 2');
  });

  it.each([
    [{ NODE_ENV: 'production' }, true],
    [{ NODE_ENV: 'development' }, false],
    [{ NODE_ENV: 'test' }, false],
    [{ NODE_ENV: 'production', RATE_LIMITS: 'off' }, false],
    [{ NODE_ENV: 'development', RATE_LIMITS: 'on' }, true],
  ] as const)('with %j is on: %s', async (env, isOn) => {
    const limits = new RateLimits({ RATE_LIMITS: undefined, ...env }, new Registry());
    expect(limits.on).toBe(isOn);
    const limit = limits.limit('spec', 1, 60);
    await limit.take('ann');
    expect(await outcome(limit.take('ann'))).toEqual(
      isOn ? expect.objectContaining({ code: 'rate_limited' }) : 'done',
    );
  });
});
