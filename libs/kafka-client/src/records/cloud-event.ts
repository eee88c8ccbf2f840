export interface CloudEvent {
  type: string;
  /** Who tells it, a URI reference such as `/api-users`. */
  source: string;
  id: string;
  /** RFC 3339; left out when unknown. */
  time?: string;
}

/** The headers of an event in binary mode (CloudEvents 1.0, Kafka protocol binding); the value is its data as JSON. */
export function cloudEventHeaders(event: CloudEvent): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_type: event.type,
    ce_source: event.source,
    ce_id: event.id,
    ...(event.time !== undefined && { ce_time: event.time }),
    'content-type': 'application/json',
  };
}
