import { type ClientEvent, CodedError, roomId as roomIdContract } from '@maru/contracts';

/** A SEND as a client event. */
export interface AskedEvent {
  event: ClientEvent;
  payload: Record<string, unknown>;
}

/** Client events by the word after the room. */
const eventAt = new Map<string, ClientEvent>(
  Object.entries({
    read: 'read',
    typing: 'typing',
    edit: 'editMessage',
    delete: 'deleteMessage',
    react: 'addReaction',
    unreact: 'removeReaction',
  }),
);

/** A message's type may be any word; as a `kind` it is in small letters. */
const kindOf = (type: string): string => type.toLowerCase().replaceAll('_', '-');

/**
 * What a SEND asks for. `/app/room/{roomId}` takes a type: TALK is a message, ENTER joins, LEAVE leaves, any other is a
 * message of that kind; `/app/room/{roomId}/read`, `…/typing`, `…/edit`, `…/delete`, `…/react`, `…/unreact` and
 * `/app/presence` are client events.
 * @throws CodedError `not_found`, `invalid_json`, `bad_request`
 */
export function askedBy(headers: Readonly<Record<string, string>>, body: string): AskedEvent {
  if (headers['destination'] === '/app/presence') {
    return { event: 'presence', payload: contentOf(body, headers['content-type']) };
  }
  const path = /^\/app\/room\/([^/]+)(?:\/(\w+))?$/.exec(headers['destination'] ?? '');
  const [, roomId = '', word = ''] = path ?? [];
  const event = eventAt.get(word);
  if (!roomIdContract.safeParse(roomId).success || (word !== '' && event === undefined)) {
    throw new CodedError(
      'not_found',
      'One may send to /app/room/{roomId}, and to …/read, …/typing, …/edit, …/delete, …/react and …/unreact below it, and to /app/presence.',
    );
  }
  const content = contentOf(body, headers['content-type']);
  if (event !== undefined) return { event, payload: { ...content, roomId } };
  const { type = headers['type'] ?? 'TALK', ...rest } = content;
  if (typeof type !== 'string')
    throw new CodedError('bad_request', 'type: a word such as TALK, ENTER or LEAVE');
  if (type === 'ENTER') return { event: 'joinRoom', payload: { roomId } };
  if (type === 'LEAVE') return { event: 'leaveRoom', payload: { roomId } };
  return {
    event: 'sendMessage',
    payload: { ...messageIn(rest, headers), roomId, ...(type !== 'TALK' && { kind: kindOf(type) }) },
  };
}

/** Only what is a message's: a sender or a date that the client has written down counts for nothing. */
function messageIn(content: Record<string, unknown>, headers: Readonly<Record<string, string>>) {
  const { text, message, metadata, kind, replyTo, mentions, id = headers['id'] } = content;
  return {
    text: text ?? message ?? content['content'],
    ...(id !== undefined && { id }),
    ...(kind !== undefined && { kind }),
    ...(metadata !== undefined && { metadata }),
    ...(replyTo !== undefined && { replyTo }),
    ...(mentions !== undefined && { mentions }),
  };
}

function contentOf(body: string, type = 'application/json'): Record<string, unknown> {
  if (type.startsWith('text/plain')) return { text: body };
  if (body === '') return {};
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    throw new CodedError('invalid_json', 'The body is not JSON: send an object, or content-type text/plain.');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new CodedError('bad_request', 'The body is an object, such as {"type": "TALK", "text": "hello"}.');
  }
  return content as Record<string, unknown>;
}
