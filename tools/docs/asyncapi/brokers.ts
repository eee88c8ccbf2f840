import { type JsonSchema, refTo } from '../schema-book';
import {
  asks,
  type Channel,
  inRoom,
  merged,
  type Message,
  object,
  onServers,
  type Part,
  tells,
} from './document';
import { roomNames, type SocketMessages, userNames } from './messages';

/** The doors that have an address a room. */
export function brokersPart(socket: SocketMessages): Part {
  const stomp = (names: readonly string[]) => messagesOf(names, (name) => stompMessage(name, socket));
  const mqtt = (names: readonly string[]) => messagesOf(names, (name) => mqttMessage(name, socket));
  return merged(
    heard('stomp.room', '/topic/room/{roomId}', 'The events of one room.', stomp([...roomNames, 'ready'])),
    heard(
      'stomp.user',
      '/user/queue/events',
      'The events of every room without a subscription of its own, and what is for you alone.',
      stomp([...roomNames, ...userNames]),
    ),
    heard('stomp.errors', '/user/queue/errors', 'Refusals.', {
      error: { name: 'error', payload: refTo('Error') },
    }),
    said(
      'stomp.say',
      '/app/room/{roomId}',
      'A message, or ENTER and LEAVE. RECEIPT says that it is committed.',
      talked,
    ),
    said('stomp.read', '/app/room/{roomId}/read', 'Moves your read marker.', object({ seq }, 'seq')),
    said('stomp.typing', '/app/room/{roomId}/typing', 'Tells that you are typing.', object({})),
    heard(
      'mqtt.room',
      'rooms/{roomId}/events',
      'The events of a room; + hears all of yours.',
      mqtt(roomNames),
    ),
    heard('mqtt.user', 'user/events', 'What is for you alone. QoS 0.', mqtt(userNames)),
    said(
      'mqtt.say',
      'rooms/{roomId}/messages',
      'A message: its text, or JSON. With QoS 1 PUBACK says that it is committed.',
      { oneOf: [{ type: 'string' }, object(content, 'text')] },
    ),
  );
}

const messagesOf = (names: readonly string[], make: (name: string) => Message): Channel['messages'] =>
  Object.fromEntries(names.map((name) => [name, make(name)]));

/** `stomp.room` is on the server `stomp`. */
const channelOf = (
  name: string,
  address: string,
  description: string,
  messages: Channel['messages'],
): Channel => ({
  address,
  description,
  servers: onServers(name.split('.')[0] ?? ''),
  ...(address.includes('{roomId}') && { parameters: inRoom }),
  messages,
});

const heard = (name: string, address: string, description: string, messages: Channel['messages']): Part => ({
  channels: { [name]: channelOf(name, address, description, messages) },
  operations: { [`${name}.tell`]: tells(name, description, Object.keys(messages)) },
});

const said = (name: string, address: string, description: string, payload: JsonSchema): Part => ({
  channels: { [name]: channelOf(name, address, description, { said: { name: 'said', payload } }) },
  operations: { [`${name}.take`]: asks(name, description, 'said') },
});

const payloadOf = (name: string, socket: SocketMessages): JsonSchema => socket.messages[name]?.payload ?? {};

/** MESSAGE of STOMP: the body is the event's own. */
function stompMessage(name: string, socket: SocketMessages): Message {
  const text = { type: 'string' };
  const headers = object(
    { type: { const: name }, 'message-id': text, destination: text, subscription: text },
    ...['type', 'message-id', 'destination', 'subscription'],
  );
  return { name, headers, payload: payloadOf(name, socket) };
}

/** PUBLISH of MQTT: what is no event with a seq says its name in the payload. */
function mqttMessage(name: string, socket: SocketMessages): Message {
  const signal = name === 'read' || name === 'typing' || userNames.includes(name);
  const payload = payloadOf(name, socket);
  return {
    name,
    payload: signal ? { allOf: [object({ event: { const: name } }, 'event'), payload] } : payload,
  };
}

const seq = { type: 'integer', minimum: 0 };
const content = {
  text: { type: 'string' },
  id: { type: 'string', description: "The message's own id, the same over all resends." },
  kind: { type: 'string' },
  metadata: { type: 'object' },
};
const talked: JsonSchema = object({
  type: {
    type: 'string',
    description: 'TALK or none: a message. ENTER, LEAVE. Any other: a message of that kind.',
  },
  ...content,
  message: { type: 'string', description: 'Another name for text.' },
});
