import { underLoad } from '../testing/leader-faults';

describe('ProducerService on three brokers, at length', () => {
  it('loses, doubles and reorders nothing it acknowledged over 5 kills of a leader and 2 pauses of 15 s', async () => {
    const outcome = await underLoad(async (leader) => {
      for (let kill = 0; kill < 5; kill++) await leader.kill();
      for (let stop = 0; stop < 2; stop++) await leader.pause(15_000);
    });
    console.info(JSON.stringify(outcome));
    expect(outcome.acked).toBeGreaterThan(20_000);
    expect(outcome).toMatchObject({ refused: 0, missing: 0, doubled: 0, inverted: 0 });
  }, 400_000);
});
