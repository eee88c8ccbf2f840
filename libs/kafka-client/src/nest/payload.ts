import type { ZodType } from 'zod';
import { InvalidRecordError } from '../errors';
import type { IncomingRecord } from '../records/record';

/** Which topic carries an event type, and what its records hold. */
export type EventContracts = Record<string, { topic: string; schema: ZodType }>;

/** A record's value as its contract has it; throws `InvalidRecordError`, which names what is wrong but no content. */
export function payloadOf(record: IncomingRecord, type: string, contracts: EventContracts): unknown {
  let value: unknown;
  try {
    value = JSON.parse(record.value?.toString('utf8') ?? '');
  } catch {
    throw new InvalidRecordError(`${type}: the value is not JSON`);
  }
  const contract = contracts[type];
  if (!contract) return value;
  const checked = contract.schema.safeParse(value);
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`);
  throw new InvalidRecordError(`${type}: ${issues.join('; ')}`);
}
