import { brokerErrorType, rootCause } from '../kafkajs/client';

/**
 * What an errored send means for its batch:
 * - again: whether it was written is unknown; the same channel sends it again and the broker knows a repeat.
 * - renew: this channel's sequence is broken; a new one sends exactly this batch first.
 * - written: the broker has it already.
 * - refused: it is not on the log and never will be.
 */
export type Verdict = 'again' | 'renew' | 'written' | 'refused';

const BROKEN_SEQUENCE = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
]);

export function verdictOf(error: unknown): Verdict {
  const type = brokerErrorType(error);
  const root = rootCause(error);
  if (root instanceof RangeError) return 'refused';
  if (type === undefined)
    return root instanceof TypeError || root instanceof ReferenceError ? 'renew' : 'again';
  if (type === 'DUPLICATE_SEQUENCE_NUMBER') return 'written';
  if (BROKEN_SEQUENCE.has(type)) return 'renew';
  const retriable = root instanceof Error && 'retriable' in root && root.retriable === true;
  return retriable || type === 'UNKNOWN' ? 'again' : 'refused';
}
