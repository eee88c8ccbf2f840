import type { Finding } from '../support/finding';
import type { CheckResult } from './check';
import { lastLine, report } from './report';
import type { Round } from './round';
import { World } from './world';

const round: Round = {
  kind: 'gateway killed',
  startedAt: 1000,
  endedAt: 2000,
  backAt: 3000,
  awayUntil: 0,
  backWithinSeconds: 10,
  silenceMs: 1234,
  stalled: [],
};
const result = (findings: Finding[]): CheckResult => {
  const world = new World();
  world.count('say');
  return { seed: 7, seconds: 60, world, rounds: [round, { ...round, silenceMs: 10 }], findings, events: 3 };
};

describe('the report of a check', () => {
  it('shows for each kind of fault how often it came and its longest silence', () => {
    expect(report(result([]))).toMatch(/gateway killed +2 +1\.2 s/);
  });

  it('says in its last line how it went, and names what was found', () => {
    expect(lastLine(result([]))).toMatch(/^check passed: .*seed 7/);
    const findings: Finding[] = [
      { kind: 'lost', text: 'this one' },
      { kind: 'leaked', text: 'that one' },
    ];
    expect(lastLine(result(findings))).toMatch(/^check FAILED: 2 findings: lost, leaked .*seed 7/);
    expect(report(result(findings))).toMatch(
      /^lost +1$[^]*^other findings +1$[^]*^lost: this one$[^]*^leaked: that one$/m,
    );
  });
});
