import type { GoldenSample } from '../golden/golden-file';
import { type JsonSchema, SchemaBook } from '../schema-book';
import { brokersPart } from './brokers';
import { type Message, merged, type Part, to } from './document';
import { kafkaPart } from './kafka';
import { SocketMessages } from './messages';
import { socketsPart } from './sockets';

export interface AsyncApi extends Part {
  asyncapi: '3.0.0';
  servers: Record<string, { protocol: string; [field: string]: unknown }>;
  components: {
    schemas: Record<string, JsonSchema>;
    messages: Record<string, Message>;
    [part: string]: unknown;
  };
  [field: string]: unknown;
}

const description = [
  'What Maru tells, and what it takes, other than by REST (that is in OpenAPI, /docs/openapi.json).',
  'Every door carries the same room events, each with roomId, seq, messageNo, type and createdAt at its top; only the wrapping differs.',
  'On Kafka delivery is at least once and in order per room: drop an event whose seq is not above the last one of its room.',
  'Later versions may add fields, events and values of an enum, and take none away: pass over what you do not know.',
].join(' ');

/** The AsyncAPI 3 description of sockets and public topics, made from the contracts; the samples are its examples. */
export function asyncApi(samples: readonly GoldenSample[]): AsyncApi {
  const book = new SchemaBook('draft-7');
  const socket = new SocketMessages(book, samples);
  const parts = merged(socketsPart(socket), brokersPart(socket), kafkaPart(book, samples));
  return {
    asyncapi: '3.0.0',
    info: { title: 'Maru', version: '0.1.0', description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers,
    ...parts,
    components: { schemas: book.schemas, messages: socket.messages, securitySchemes },
  };
}

const gateway = '127.0.0.1:3310';
const door = (protocol: string, pathname: string, text: string, host = gateway) => ({
  host,
  ...(pathname !== '' && { pathname }),
  protocol,
  description: text,
  security: [to('components', 'securitySchemes', 'token')],
});

const servers: AsyncApi['servers'] = {
  socketio: door(
    'socket.io',
    '/socket.io',
    'Socket.IO, stock clients of version 4. `auth.token` is the access token.',
  ),
  websocket: door('ws', '/ws', 'Plain WebSocket. wss where TLS is on. The token is in the first frame.'),
  stomp: door('stomp', '/stomp', 'STOMP 1.2 over WebSocket. The token is in CONNECT.'),
  sse: door('http', '/api/stream', 'Server-sent events. The token is a Bearer token, or a ticket for it.'),
  mqtt: door(
    'mqtt',
    '',
    'MQTT 5 and 3.1.1. The password is the token. On /mqtt over WebSocket as well.',
    '127.0.0.1:1883',
  ),
  kafka: {
    host: '127.0.0.1:9092',
    protocol: 'kafka',
    description:
      'For other services. On a cluster with access control: TLS and SCRAM-SHA-512, with the right to read the topic.',
  },
};

const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The accessToken of POST /api/auth/login.',
  },
};
