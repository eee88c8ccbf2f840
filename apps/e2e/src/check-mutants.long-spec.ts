import { check } from './check/check';
import type { CheckStack } from './check/check-stack';
import { faultsOf } from './check/faults/catalogue';
import { startWeakStack } from './check/faults/weak-stack';
import { buildMutant, type Mutant } from './check/mutants/build-mutant';
import { lastLine, report } from './check/report';
import type { Finding } from './support/finding';

const seed = Number(process.env.MARU_SEED ?? 1);

/** What each broken api-chat does wrong, and what must be found of it, whatever else is. */
const mutants: { mutant: Mutant; faults: string[]; kinds: Finding['kind'][] }[] = [
  {
    mutant: 'unfenced',
    faults: ['api-chat stopped 15 s', 'api-chat stopped 15 s'],
    kinds: ['disordered', 'changed'],
  },
  { mutant: 'ack-first', faults: ['api-chat killed', 'api-chat stopped 15 s'], kinds: ['disordered'] },
  { mutant: 'unpublished', faults: ['api-chat killed'], kinds: ['hole'] },
];

describe('a check finds out an api-chat that is', () => {
  let stack: CheckStack | undefined;
  afterEach(() => stack?.stop());

  it.each(mutants)(
    '$mutant',
    async ({ mutant, faults, kinds }) => {
      const apps = { 'api-chat': await buildMutant(mutant) };
      const on = (stack = await startWeakStack({ brokers: 1, apps }));
      const all = faultsOf(on);
      const thrown = faults.map((kind) => all.find((fault) => fault.kind === kind) ?? fail(kind));
      const result = await check(on, { seed, minutes: 1, faults: thrown });
      process.stdout.write(`\n${mutant}, seed ${seed}\n${report(result)}\n${lastLine(result)}\n`);
      expect(result.rounds.map(({ kind }) => kind)).toEqual(faults);
      expect(result.findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
    },
    420_000,
  );
});

function fail(kind: string): never {
  throw new Error(`There is no fault "${kind}".`);
}
