import { faults } from './faults/catalogue';
import { clusterIdOf, printTrials, type Trial, trial } from './faults/trial';
import { type Maru, startMaru } from './support/maru';

/** Each fault three times at full length. */
const lengths = { writerStopped: 40_000, brokerPaused: 15_000, storeAway: 60_000 };
const turns = [0, 1, 2];

let maru: Maru;
const trials: Trial[] = [];
beforeAll(async () => {
  maru = await startMaru({ gateways: 2, writers: 2, brokers: 3 });
}, 180_000);
afterAll(async () => {
  printTrials(trials);
  await maru.stop();
});

describe('three times over, nothing acknowledged is lost, doubled or disordered, and no member has a hole, when', () => {
  it.each(turns.flatMap((turn) => faults(lengths).map((fault) => ({ ...fault, fault, turn }))))(
    '$name ($turn)',
    async ({ fault, turn }) => {
      const clusterId = await clusterIdOf(maru);
      expect(clusterId).toBe(maru.run.clusterId);
      const result = await trial(maru, fault, turn);
      trials.push(result);
      expect(result.findings).toEqual([]);
      expect(result.notAcked).toEqual([]);
      expect(result.longestSilenceMs).toBeLessThan(fault.silenceBelowMs ?? Infinity);
      expect(await clusterIdOf(maru)).toBe(clusterId);
    },
    300_000,
  );
});
