export interface CloudEvent {
  type: string;
  /** Who tells it, a URI reference such as `/api-users`. */
  source: string;
  id: string;
  /** RFC 3339; left out when unknown. */
  time?: string;
  /** The `ce_id` of the command that it came of; left out when nobody wants to know. */
  cause?: string;
}

/** An extension of ours; CloudEvents names them in lower case. */
export const causeHeader = 'ce_causationid';

/** The headers of an event in binary mode (CloudEvents 1.0, Kafka protocol binding); the value is its data as JSON. */
export function cloudEventHeaders(event: CloudEvent): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_type: event.type,
    ce_source: event.source,
    ce_id: event.id,
    ...(event.time !== undefined && { ce_time: event.time }),
    ...(event.cause !== undefined && { [causeHeader]: event.cause }),
    'content-type': 'application/json',
  };
}
