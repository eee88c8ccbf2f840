import { underLoad } from '../testing/leader-faults';

describe('ProducerService on three brokers', () => {
  it('loses, doubles and reorders nothing it acknowledged when a leader is killed and another is paused', async () => {
    const outcome = await underLoad(async (leader) => {
      await leader.kill();
      await leader.pause(6000);
    });
    console.info(JSON.stringify(outcome));
    expect(outcome.acked).toBeGreaterThan(5000);
    expect(outcome).toMatchObject({ refused: 0, missing: 0, doubled: 0, inverted: 0 });
  }, 120_000);
});
