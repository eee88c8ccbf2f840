import { isMaruError, type MaruErrorCode } from '@maru/client';

/** Where the server's own words are for programmers. */
const said: Partial<Record<MaruErrorCode, string>> = {
  network: 'The server cannot be reached. Try again in a moment.',
  outcome_unknown: 'The server did not answer in time. Try again.',
  unavailable: 'The server is busy. Try again in a moment.',
  session_ended: 'Your session has ended. Log in again.',
  refresh_token_invalid: 'Your session has ended. Log in again.',
  forbidden: 'You are not allowed to do this.',
  bad_request: 'Something in this is not as it should be.',
  id_conflict: 'It could not be sent. Try again.',
};

/** An error as people read it. */
export function wordsOf(error: unknown): string {
  if (!isMaruError(error)) return 'Something went wrong. Try again.';
  return said[error.code] ?? error.message;
}

const short = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const long = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const fullDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const dayMs = 86_400_000;

export const timeOf = (instant: string): string => short.format(new Date(instant));
export const momentOf = (instant: string): string => long.format(new Date(instant));

/** How many midnights lie between, by the clock of this machine. */
function daysAgo(instant: string, now: Date): number {
  const midnight = (of: Date): number => new Date(of).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(new Date(instant))) / dayMs);
}

/** For a list: the time of today, else the day. */
export function whenOf(instant: string, now = new Date()): string {
  const days = daysAgo(instant, now);
  if (days <= 0) return timeOf(instant);
  if (days === 1) return 'Yesterday';
  return (days < 7 ? weekday : date).format(new Date(instant));
}

/** For the line between two days. */
export function dayOf(instant: string, now = new Date()): string {
  const days = daysAgo(instant, now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return (days < 300 ? fullDay : fullDate).format(new Date(instant));
}

/** `1 member`, `2 members`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
