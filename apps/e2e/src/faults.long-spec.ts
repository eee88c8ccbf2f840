import { faultsOf } from './check/faults/catalogue';
import { checkStackOf, clusterIdOf, printTrials, type Trial, trial } from './faults/trial';
import { type Maru, startMaru } from './support/maru';

/** Three times each, and how long no room may be silent where others take over while it lasts. */
const kinds: { kind: string; silenceBelowMs?: number }[] = [
  { kind: 'api-chat killed' },
  { kind: 'api-chat stopped 40 s', silenceBelowMs: 40_000 },
  { kind: 'gateway killed' },
  { kind: 'kafka stopped 15 s' },
  { kind: 'kafka killed' },
  { kind: 'postgres ended in order' },
  { kind: 'postgres away 60 s' },
];
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
  it.each(turns.flatMap((turn) => kinds.map((kind) => ({ ...kind, turn }))))(
    '$kind ($turn)',
    async ({ kind, silenceBelowMs = Infinity, turn }) => {
      const fault = faultsOf(checkStackOf(maru)).find((one) => one.kind === kind);
      if (!fault) throw new Error(`There is no fault "${kind}".`);
      const clusterId = await clusterIdOf(maru);
      expect(clusterId).toBe(maru.run.clusterId);
      const result = await trial(maru, fault, turn);
      trials.push(result);
      expect(result.findings).toEqual([]);
      expect(result.notAcked).toEqual([]);
      expect(result.longestSilenceMs).toBeLessThan(silenceBelowMs);
      expect(await clusterIdOf(maru)).toBe(clusterId);
    },
    300_000,
  );
});
