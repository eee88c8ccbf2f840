import { HealthService } from './health.service';

describe('readiness', () => {
  it('names what is missing', async () => {
    const health = new HealthService();
    health.add('store', () => undefined);
    expect(await health.report()).toEqual({ ready: true, checks: { store: 'ok' } });
    health.add('broker', () => {
      throw new Error('no broker answers');
    });
    expect(await health.report()).toEqual({
      ready: false,
      checks: { store: 'ok', broker: 'no broker answers' },
    });
  });

  it('takes no answer for an answer', async () => {
    const health = new HealthService();
    health.add('store', () => new Promise(() => undefined));
    expect(await health.report()).toEqual({ ready: false, checks: { store: 'no answer within 2 s' } });
  });

  it('is over once the process drains', async () => {
    const health = new HealthService();
    health.drain();
    expect(await health.report()).toEqual({ ready: false, checks: { draining: 'stopping' } });
  });
});
