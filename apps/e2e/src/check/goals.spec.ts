import type { Outcome, Sent } from '../support/record';
import { answered, backAfterMs, goals } from './goals';
import type { Round } from './round';

const round: Round = {
  kind: 'gateway killed',
  startedAt: 1000,
  endedAt: 2000,
  backAt: 5000,
  awayUntil: 0,
  backWithinSeconds: 10,
  silenceMs: 0,
  stalled: [],
};
const sent = (at: number, tookMs: number, kind: 'acked' | 'refused' | 'unknown' = 'acked'): Sent => {
  const outcome: Outcome =
    kind === 'acked' ? { kind, seq: 1 } : kind === 'refused' ? { kind, code: 'not_a_member' } : { kind };
  const how = { at, tookMs, doubtful: false, tries: [] };
  return { roomId: 'r', id: 'i', text: 't', messageKind: 'text', outcome, ...how };
};

it('counts of a fault the sends on their way meanwhile, and those answered 30 s after its end', () => {
  const before = sent(0, 900);
  const within = [sent(900, 200), sent(1500, 1), sent(1999, 29_900, 'refused')];
  const late = [sent(1999, 30_100), sent(1500, 600, 'unknown')];
  const after = sent(2001, 60_000);
  expect(answered(round, [before, ...within, ...late, after])).toEqual({ of: 5, inTime: 3 });
});

it('takes the service for back when the last send that waited was answered and each service is ready', () => {
  expect(backAfterMs(round, [sent(0, 900), sent(1100, 999), sent(5001, 9000)])).toBe(0);
  expect(backAfterMs(round, [sent(900, 1100), sent(4000, 2000), sent(1200, 1500)])).toBe(5000);
  expect(backAfterMs({ ...round, awayUntil: 4500 }, [sent(900, 1100)])).toBe(3500);
});

it('names the faults after which a goal was missed, and what was not tried', () => {
  const quick = { ...round, kind: 'api-chat ended in order', backWithinSeconds: 2 };
  expect(goals([], [])).toMatch(/SIGKILL not tried; .* in order not tried; .* not tried$/);
  expect(goals([round, quick], [sent(1500, 10)])).toBe(
    'goals: back within 10 s of a SIGKILL met (1 of 1); back within 2 s of an end in order met (1 of 1); ' +
      "99.9 % of sends answered within 30 s of a fault's end met (100.00 %)",
  );
  const slow = goals([round, quick, round], [sent(1500, 12_000), sent(1500, 40_000)]);
  expect(slow).toContain('SIGKILL missed by 2 of 2 (gateway killed 40.5 s, gateway killed 40.5 s)');
  expect(slow).toContain('in order missed by 1 of 1 (api-chat ended in order 40.5 s)');
  expect(slow).toContain('missed (50.00 %)');
});
