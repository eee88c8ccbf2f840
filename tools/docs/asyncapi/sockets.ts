import {
  asks,
  type Channel,
  merged,
  onServers,
  type Operation,
  type Part,
  type Reference,
  tells,
  to,
} from './document';
import { frames, hello } from './frames';
import { ackName, askName, clientNames, roomNames, type SocketMessages, userNames } from './messages';

type Messages = Channel['messages'];
const told = [...roomNames, ...userNames];
const all = [...told, ...clientNames.flatMap((name) => [askName(name), ackName(name)])];

const plain = (names: readonly string[]): Record<string, Reference> =>
  Object.fromEntries(names.map((name) => [name, to('components', 'messages', name)]));

/** The doors that have one channel for all: what is told and asked is the same, the wrapping is each one's own. */
export function socketsPart(socket: SocketMessages): Part {
  return merged(
    talk('socketio', '/', 'Events by their name. The acknowledgement of an event is its reply.', plain(all)),
    talk(
      'websocket',
      '/ws',
      'JSON in text frames. The first is connect, with the token. Replies come when they are ready.',
      { ...hello, ...frames(socket, told, clientNames) },
    ),
    stream,
  );
}

/** A channel on which all is told, and asked with a reply. */
function talk(name: string, address: string, description: string, messages: Messages): Part {
  const operations: Record<string, Operation> = {
    [`${name}.tell`]: tells(name, 'What a connection hears.', told),
  };
  for (const asked of ['connect', ...clientNames].filter((one) => Object.hasOwn(messages, askName(one)))) {
    operations[`${name}.${asked}`] = asks(name, `You ask: ${asked}.`, askName(asked), ackName(asked));
  }
  return { channels: { [name]: { address, description, servers: onServers(name), messages } }, operations };
}

const stream: Part = {
  channels: {
    stream: {
      address: '/api/stream',
      description:
        'Server-sent events: `event` is the name, `data` the body on one line. OpenAPI has the requests.',
      servers: onServers('sse'),
      messages: plain(told),
    },
  },
  operations: { 'stream.tell': tells('stream', 'What a stream hears.', told) },
};
