import type { Sent } from '../support/record';
import { answerWithinMs, type Round } from './round';

/** A send that takes longer than this has had to wait. */
const waitedMs = 1000;
const answeredShare = 0.999;

/**
 * From the fault's beginning until all went its way again: until the last send that had to wait was answered, and
 * each service had a process that was ready.
 */
export function backAfterMs({ startedAt, backAt, awayUntil }: Round, sent: readonly Sent[]): number {
  const waited = sent.filter(
    ({ at, tookMs }) => tookMs > waitedMs && at <= backAt && at + tookMs >= startedAt,
  );
  const last = Math.max(awayUntil, startedAt, ...waited.map(({ at, tookMs }) => at + tookMs));
  return last - startedAt;
}

/** Of the messages sent while the fault lasted: how many were answered at most 30 s after its end. */
export function answered(
  { startedAt, endedAt }: Round,
  sent: readonly Sent[],
): { of: number; inTime: number } {
  const meanwhile = sent.filter(({ at, tookMs }) => at <= endedAt && at + tookMs >= startedAt);
  const inTime = meanwhile.filter(
    ({ at, tookMs, outcome }) => outcome.kind !== 'unknown' && at + tookMs <= endedAt + answerWithinMs,
  );
  return { of: meanwhile.length, inTime: inTime.length };
}

/** The share of all messages that were sent while a fault lasted; undefined when none was. */
export function answeredOf(rounds: readonly Round[], sent: readonly Sent[]): number | undefined {
  const all = rounds.map((round) => answered(round, sent));
  const of = all.reduce((sum, one) => sum + one.of, 0);
  return of === 0 ? undefined : all.reduce((sum, one) => sum + one.inTime, 0) / of;
}

/** What we aim at beside the promises: which of it this run has met, and what missed it. */
export function goals(rounds: readonly Round[], sent: readonly Sent[]): string {
  const share = answeredOf(rounds, sent);
  const how =
    share === undefined ? 'not tried' : `${share < answeredShare ? 'missed' : 'met'} (${percent(share)})`;
  return [
    `goals: back within 10 s of a SIGKILL ${backWithin(10, rounds, sent)}`,
    `back within 2 s of an end in order ${backWithin(2, rounds, sent)}`,
    `99.9 % of sends answered within 30 s of a fault's end ${how}`,
  ].join('; ');
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function backWithin(limit: number, rounds: readonly Round[], sent: readonly Sent[]): string {
  const tried = rounds.filter(({ backWithinSeconds }) => backWithinSeconds === limit);
  if (tried.length === 0) return 'not tried';
  const misses = tried
    .map((round) => ({ kind: round.kind, seconds: backAfterMs(round, sent) / 1000 }))
    .filter(({ seconds }) => seconds > limit);
  if (misses.length === 0) return `met (${tried.length} of ${tried.length})`;
  const named = misses.map(({ kind, seconds }) => `${kind} ${seconds.toFixed(1)} s`);
  return `missed by ${misses.length} of ${tried.length} (${named.join(', ')})`;
}
