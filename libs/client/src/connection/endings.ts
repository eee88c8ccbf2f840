import type { ErrorBody, ServerEvents } from '@maru/contracts';
import { MaruError, tokenCodes } from '../errors';

/** How a connection ended, as far as it is known. */
export interface Ending {
  /** The WebSocket's close code; 1006 when the line broke. */
  status: number;
  reason: string;
  /** What the server said when it did not let us in. */
  refusal?: Partial<ErrorBody> | undefined;
  /** What it said before it ended a connection that was in. */
  closing?: ServerEvents['closing'] | undefined;
}

/** What to do then: come back after a pause, with another token, or not at all. */
export type Verdict =
  | { kind: 'again'; error: MaruError; afterMs?: number; atMostMs?: number }
  | { kind: 'token'; error: MaruError }
  | { kind: 'over'; error: MaruError };

/** How far apart clients come back from a restart that does not say when. */
const restartSpreadMs = 2000;
const restart = 1012;
/** From here on a close code says: not as it is (docs/doors). */
const firstFinal = 4400;

export function judge({ status, reason, refusal, closing }: Ending): Verdict {
  const error = errorOf(status, reason, refusal);
  if (tokenCodes.includes(error.code)) return { kind: 'token', error };
  if ((status >= firstFinal && status < 4500) || status === 1009) return { kind: 'over', error };
  if (closing?.retryAfterMs !== undefined) return { kind: 'again', error, afterMs: closing.retryAfterMs };
  if (status === restart) return { kind: 'again', error, atMostMs: restartSpreadMs };
  if (status === 4001) return { kind: 'again', error, afterMs: 0 };
  return { kind: 'again', error, ...(error.retryAfterMs !== undefined && { afterMs: error.retryAfterMs }) };
}

function errorOf(status: number, reason: string, refusal: Ending['refusal']): MaruError {
  if (refusal) return MaruError.from(refusal);
  const final = status >= firstFinal && status < 4500;
  if (status === 4401) return MaruError.from({ code: 'token_expired', message: 'The token ran out.' });
  if (status === 4402)
    return MaruError.from({ code: 'session_ended', message: 'This session has ended: log in again.' });
  if (status === 1009 || status === 4400)
    return MaruError.from({
      code: 'payload_too_large',
      message: 'A frame was larger than the server takes.',
    });
  return new MaruError('network', `The connection has ended: ${reason || status}.`, !final);
}
