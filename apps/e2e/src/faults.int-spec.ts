import { faults } from './faults/catalogue';
import { clusterIdOf, printTrials, type Trial, trial } from './faults/trial';
import { type Maru, startMaru } from './support/maru';

/** Each fault once, with pauses just long enough to be noticed; the full lengths are in faults.long-spec.ts. */
const lengths = { writerStopped: 12_000, brokerPaused: 8_000, storeAway: 10_000 };

let maru: Maru;
const trials: Trial[] = [];
beforeAll(async () => {
  maru = await startMaru({ gateways: 2, writers: 2, brokers: 3 });
}, 180_000);
afterAll(async () => {
  printTrials(trials);
  await maru.stop();
});

describe('nothing acknowledged is lost, doubled or disordered, and no member has a hole, when', () => {
  it.each(faults(lengths))(
    '$name',
    async (fault) => {
      const clusterId = await clusterIdOf(maru);
      expect(clusterId).toBe(maru.run.clusterId);
      const result = await trial(maru, fault);
      trials.push(result);
      expect(result.findings).toEqual([]);
      expect(result.notAcked).toEqual([]);
      expect(await clusterIdOf(maru)).toBe(clusterId);
    },
    120_000,
  );
});
