import type { IncomingRecord } from '../records/record';

/** Where a reply goes. It travels in a command's headers. */
export interface ReplyAddress {
  asker: string;
  /** The asker's partition of the topic `replies`. */
  slot: number;
  id: string;
}

const ASKER = 'maru-asker';
const SLOT = 'maru-slot';
const REQUEST = 'maru-request';

export function replyAddressHeaders(address: ReplyAddress): Record<string, string> {
  return { [ASKER]: address.asker, [SLOT]: String(address.slot), [REQUEST]: address.id };
}

/** Askers' ids and requests' are shorter. A longer one might make a reply that no broker takes. */
const LONGEST = 100;

/** Whom to answer; undefined when nobody waits for an answer. */
export function replyAddress(record: IncomingRecord): ReplyAddress | undefined {
  const asker = record.headers[ASKER];
  const slot = Number(record.headers[SLOT] ?? NaN);
  const id = record.headers[REQUEST];
  if (asker === undefined || id === undefined || !Number.isInteger(slot) || slot < 0) return undefined;
  if (asker.length > LONGEST || id.length > LONGEST) return undefined;
  return { asker, slot, id };
}

/** A reply record's header: whom its replies are for, so that others need not look into it. */
export const replyHeaders = (asker: string): Record<string, string> => ({
  [ASKER]: asker,
  'content-type': 'application/json',
});

export const replyAsker = (record: IncomingRecord): string | undefined => record.headers[ASKER];
