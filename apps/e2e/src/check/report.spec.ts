import type { Finding } from '../support/finding';
import type { Outcome, Sent } from '../support/record';
import type { CheckResult } from './check';
import { answered, lastLine, report } from './report';
import { World } from './world';

const round = { kind: 'gateway killed', startedAt: 1000, endedAt: 2000, silenceMs: 1234, stalled: [] };
const sent = (at: number, tookMs: number, kind: 'acked' | 'refused' | 'unknown' = 'acked'): Sent => {
  const outcome: Outcome =
    kind === 'acked' ? { kind, seq: 1 } : kind === 'refused' ? { kind, code: 'not_a_member' } : { kind };
  return {
    roomId: 'r',
    id: 'i',
    text: 't',
    messageKind: 'text',
    outcome,
    at,
    tookMs,
    doubtful: false,
    tries: [],
  };
};
const result = (findings: Finding[]): CheckResult => {
  const world = new World();
  world.count('say');
  return { seed: 7, seconds: 60, world, rounds: [round, { ...round, silenceMs: 10 }], findings, events: 3 };
};

describe('the report of a check', () => {
  it('counts of a fault the sends on their way meanwhile, and those answered 30 s after its end', () => {
    const before = sent(0, 900);
    const within = [sent(900, 200), sent(1500, 1), sent(1999, 29_900, 'refused')];
    const late = [sent(1999, 30_100), sent(1500, 600, 'unknown')];
    const after = sent(2001, 60_000);
    expect(answered(round, [before, ...within, ...late, after])).toEqual({ of: 5, inTime: 3 });
  });

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
