import { storeAway } from './check/faults/away';
import { faultsOf } from './check/faults/catalogue';
import { checkStackOf, clusterIdOf, printTrials, type Trial, trial } from './faults/trial';
import { type Maru, startMaru } from './support/maru';

/** Those that the promises were first tried with, with pauses just long enough; longer ones are in faults.long-spec.ts. */
const kinds = [
  'api-chat killed',
  'api-chat stopped 15 s',
  'gateway killed',
  'kafka stopped 15 s',
  'kafka killed',
  'postgres ended in order',
  'postgres away 10 s',
];

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
  it.each(kinds)(
    '%s',
    async (kind) => {
      const stack = checkStackOf(maru);
      const fault = [...faultsOf(stack), ...storeAway(stack, 10)].find((one) => one.kind === kind);
      if (!fault) throw new Error(`There is no fault "${kind}".`);
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
