import { CodedError } from '@maru/contracts';
import type { UserProperties } from 'mqtt-packet';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What a PUBLISH says: a JSON object is what `sendMessage` takes, anything else is the text itself. The room is the
 * topic's, the id and the trace are those of the properties of these names, if there are any. Not held against its
 * contract yet.
 * @throws CodedError `bad_request` when it is no text.
 */
export function readMessage(
  roomId: string,
  payload: Buffer | string,
  properties: UserProperties = {},
): Record<string, unknown> {
  const { id, traceparent, tracestate } = properties;
  return {
    ...contentOf(textOf(payload)),
    roomId,
    ...(id !== undefined && { id }),
    ...(traceparent !== undefined && { traceparent, tracestate }),
  };
}

function textOf(payload: Buffer | string): string {
  if (typeof payload === 'string') return payload;
  try {
    return utf8.decode(payload);
  } catch {
    throw new CodedError('bad_request', 'The payload is not UTF-8: send text, or a JSON object.');
  }
}

function contentOf(text: string): object {
  if (!/^\s*\{/.test(text)) return { text };
  try {
    return JSON.parse(text) as object;
  } catch {
    return { text };
  }
}
