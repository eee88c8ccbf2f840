import type { IncomingRecord } from '../records/record';

/** Where a reply goes. It travels in a command's headers. */
export interface ReplyAddress {
  asker: string;
  /** The asker's partition of the topic `replies`. */
  slot: number;
  id: string;
  /** The asker hears events too: one that names this request as its cause answers it, and no reply is needed. */
  hearsEvents?: true;
}

const ASKER = 'maru-asker';
const SLOT = 'maru-slot';
const REQUEST = 'maru-request';
const HEARS_EVENTS = 'maru-hears-events';

export function replyAddressHeaders(address: ReplyAddress): Record<string, string> {
  const headers = { [ASKER]: address.asker, [SLOT]: String(address.slot), [REQUEST]: address.id };
  return address.hearsEvents ? { ...headers, [HEARS_EVENTS]: '1' } : headers;
}

/** An event's cause: the `ce_id` of the command that it came of. */
export const causeOf = ({ asker, id }: Pick<ReplyAddress, 'asker' | 'id'>): string => `${asker}.${id}`;

/** Askers' ids and requests' are shorter. A longer one might make a reply that no broker takes. */
const LONGEST = 100;

/** Whom to answer; undefined when nobody waits for an answer. */
export function replyAddress(record: IncomingRecord): ReplyAddress | undefined {
  const asker = record.headers[ASKER];
  const slot = Number(record.headers[SLOT] ?? NaN);
  const id = record.headers[REQUEST];
  if (asker === undefined || id === undefined || !Number.isInteger(slot) || slot < 0) return undefined;
  if (asker.length > LONGEST || id.length > LONGEST) return undefined;
  return {
    asker,
    slot,
    id,
    ...(record.headers[HEARS_EVENTS] !== undefined && { hearsEvents: true as const }),
  };
}

/** A reply record's header: whom its replies are for, so that others need not look into it. */
export const replyHeaders = (asker: string): Record<string, string> => ({
  [ASKER]: asker,
  'content-type': 'application/json',
});

export const replyAsker = (record: IncomingRecord): string | undefined => record.headers[ASKER];
