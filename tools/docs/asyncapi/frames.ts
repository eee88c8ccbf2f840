import type { ClientEvent } from '@maru/contracts';
import { type Message, object } from './document';
import { ackName, askName, type SocketMessages } from './messages';

const frameId = { type: ['integer', 'string'], description: 'A number, or text of up to 64 characters.' };
const reply = { type: ['integer', 'string', 'null'], description: 'The id of what was asked.' };

/** Messages as `/ws` has them: `{event, body}`, `{id, type, …}` and `{reply, ok, …}`. */
export function frames(
  socket: SocketMessages,
  told: readonly string[],
  asked: readonly ClientEvent[],
): Record<string, Message> {
  const payload = (name: string) => socket.messages[name]?.payload;
  const made: Record<string, Message> = {};
  for (const name of told) {
    const body = payload(name);
    made[name] = { name, payload: object({ event: { const: name }, body }, 'event', 'body') };
  }
  for (const name of asked) {
    const { properties, required } = socket.askedFields(name);
    const frame = object({ ...properties, id: frameId, type: { const: name } }, 'type', ...required);
    made[askName(name)] = { name, payload: frame };
    const ack = ackName(name);
    made[ack] = { name: ack, payload: { allOf: [object({ reply }, 'reply'), payload(ack)] } };
  }
  return made;
}

const resume = {
  type: 'object',
  description: 'The last seq seen of each room.',
  additionalProperties: { type: 'integer', minimum: 0 },
};
const entered = {
  reply,
  ok: { type: 'boolean' },
  userId: { type: 'string', format: 'uuid' },
  expiresAt: { type: 'string', format: 'date-time' },
  error: { $ref: '#/components/schemas/Error' },
};

/** What comes first on `/ws`. */
export const hello: Record<string, Message> = {
  connectRequest: {
    name: 'connect',
    payload: object(
      { id: frameId, type: { const: 'connect' }, token: { type: 'string' }, resume },
      ...['type', 'token'],
    ),
  },
  connectAck: { name: 'connectAck', payload: object(entered, 'reply', 'ok') },
};
