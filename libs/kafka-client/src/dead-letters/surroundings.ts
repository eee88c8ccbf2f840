const SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/** SQLSTATE classes of a database that is away, starting, stopping or out of room. */
const SQL_STATE = /^(08|53|57P)[0-9A-Z]{2,3}$/;

/**
 * Whether an error is of the surroundings (store, broker or service away) and not of the record. Such a
 * record is retried without bound: to put it aside would put aside all that follow, too.
 */
export function ofSurroundings(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('retryable' in error && error.retryable === true) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return SYSTEM.has(code) || SQL_STATE.test(code);
}
