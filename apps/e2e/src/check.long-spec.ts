import { check } from './check/check';
import type { CheckStack } from './check/check-stack';
import { faultsOf } from './check/faults/catalogue';
import { plan } from './check/faults/plan';
import { startWeakStack } from './check/faults/weak-stack';
import { answeredOf } from './check/goals';
import { Random } from './check/random';
import { lastLine, report } from './check/report';

/** The whole of it: what docs/reliability.md says of half an hour. `MARU_SEED` draws the same again. */
const minutes = 30;
const seed = Number(process.env.MARU_SEED ?? Date.now() % 2 ** 31);
const print = (text: string) => process.stdout.write(`${text}\n`);

let stack: CheckStack;
beforeAll(async () => {
  stack = await startWeakStack();
}, 180_000);
afterAll(() => stack.stop());

it(
  'two gateways, two writers and three brokers keep every promise for half an hour of faults',
  async () => {
    const all = faultsOf(stack);
    const faults = plan(all, new Random(seed).next, minutes);
    print(`seed ${seed}, ${faults.length} faults planned`);
    const say = (text: string) => print(`${new Date().toISOString().slice(11, 19)} ${text}`);
    const result = await check(stack, { seed, minutes, faults, say });
    print(`\n${report(result)}\n\n${lastLine(result)}`);
    expect(result.findings).toEqual([]);
    const sent = result.world.clients.flatMap(({ record }) => record.sent);
    expect(answeredOf(result.rounds, sent)).toBeGreaterThanOrEqual(0.999);
    const thrown = result.rounds.map(({ kind }) => kind);
    const missing = all.flatMap(({ kind, times }) => {
      const count = thrown.filter((one) => one === kind).length;
      return count < times ? [`${kind}: ${count} of ${times}`] : [];
    });
    expect(missing).toEqual([]);
    expect(thrown.length).toBeGreaterThanOrEqual(50);
  },
  (minutes + 20) * 60_000,
);
