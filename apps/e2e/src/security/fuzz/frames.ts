import fc, { type Arbitrary } from 'fast-check';
import { generate, type Packet, type QoS } from 'mqtt-packet';
import { clientEvents } from '@maru/contracts';

export type WebSocketDoor = 'socketio' | 'ws' | 'stomp' | 'mqtt';

/** What a hostile client sends, by the layer that it breaks. */
export type HostileFrame =
  /** A whole message in a correct WebSocket frame, at one of the doors on WebSocket. */
  | { layer: 'message'; door: WebSocketDoor; data: string | Uint8Array }
  /** Bytes in place of WebSocket frames, after the upgrade. */
  | { layer: 'websocket'; bytes: Uint8Array }
  /** Bytes in place of an HTTP request. */
  | { layer: 'http'; bytes: Uint8Array }
  /** The body of a polling client's POST. */
  | { layer: 'polling'; body: string };

const text = fc.string({ unit: 'binary', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 });
const json = fc.json({ maxDepth: 4 });
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
/** Most often as deep as fits into what is allowed; at times deeper than a stack. */
export const deep = fc
  .oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 1_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 20_000 }) },
  )
  .map(nested);
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.keys(clientEvents)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'connect', 'disconnect', 'newListener', 'error'),
  },
  { weight: 1, arbitrary: text },
);
const ack = fc.oneof(fc.constant(''), fc.nat().map(String), fc.constant('99999999999999999999'));

/** A payload that is right but for what is put in place of one of its fields. */
const nearlyRight = fc
  .record({
    field: fc.constantFrom('roomId', 'text', 'id', 'kind', 'metadata', 'seq', 'token', '__proto__'),
    value: fc.oneof(
      json,
      deep,
      text.map((value) => JSON.stringify(value)),
    ),
    roomId: fc.uuid(),
  })
  .map(({ field, value, roomId }) => {
    const right: Record<string, string> = { roomId: `"${roomId}"`, text: '"x"', seq: '1' };
    const entries = Object.entries({ ...right, [field]: value });
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${one}`).join()}}`;
  });

const event = fc
  .tuple(ack, name, fc.oneof(json, nearlyRight, deep, fc.constant('')))
  .map(([id, of, payload]) => `42${id}[${JSON.stringify(of)}${payload === '' ? '' : `,${payload}`}]`);

/** Events with attachments: none come, or more than were said, or places that there are none of. */
const binaryEvent = fc
  .tuple(
    fc.oneof(fc.nat(3).map(String), fc.constantFrom('-1', '1e9', '99999999999', 'x')),
    name,
    fc.integer(),
  )
  .map(([count, of, num]) => `45${count}-[${JSON.stringify(of)},{"_placeholder":true,"num":${num}}]`);

const packet = fc
  .tuple(fc.nat(9), fc.nat(9), fc.oneof(text, json))
  .map(([engine, type, rest]) => `${engine}${type}${rest}`);
const namespace = fc.tuple(text, json).map(([of, auth]) => `40/${of},${auth}`);
const cut = fc.tuple(event, fc.nat(80)).map(([whole, at]) => whole.slice(0, at));
const large = fc
  .integer({ min: 60_000, max: 300_000 })
  .map((size) => `42["sendMessage",{"text":"${'x'.repeat(size)}"}]`);

const message = fc.oneof(
  { weight: 8, arbitrary: event },
  { weight: 2, arbitrary: binaryEvent },
  { weight: 2, arbitrary: packet },
  { weight: 1, arbitrary: namespace },
  { weight: 1, arbitrary: cut },
  { weight: 1, arbitrary: text },
);

/** Frames of `/ws` that are right but for one thing. */
const plain = fc
  .tuple(
    fc.oneof(
      json,
      fc.nat().map(String),
      text.map((of) => JSON.stringify(of)),
    ),
    name,
    fc.oneof(nearlyRight, json, deep),
  )
  .map(([id, of, payload]) =>
    payload.startsWith('{')
      ? `{"id":${id},"type":${JSON.stringify(of)},${payload.slice(1)}`.replace(/,\}$/, '}')
      : `{"id":${id},"type":${JSON.stringify(of)},"x":${payload}}`,
  );

const header = fc.tuple(
  fc.oneof(
    fc.constantFrom(
      'destination',
      'id',
      'ack',
      'last-seq',
      'receipt',
      'content-length',
      'content-type',
      'heart-beat',
      '__proto__',
    ),
    text,
  ),
  fc.oneof(
    fc.constantFrom(
      '/user/queue/events',
      '/user/queue/errors',
      '-1',
      '1e9',
      '99999999999999999999',
      'text/plain',
      'auto',
    ),
    fc.uuid().map((id) => `/topic/room/${id}`),
    fc.uuid().map((id) => `/app/room/${id}`),
    text,
  ),
);
/** STOMP frames, whole and cut, with headers that lie. */
const stomp = fc
  .record({
    command: fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          'SEND',
          'SUBSCRIBE',
          'UNSUBSCRIBE',
          'CONNECT',
          'ACK',
          'BEGIN',
          'MESSAGE',
          'ERROR',
        ),
      },
      { weight: 1, arbitrary: text },
    ),
    headers: fc.array(header, { maxLength: 6 }),
    body: fc.oneof(nearlyRight, json, text, fc.constant('')),
    end: fc.constantFrom('\0', '\0', '\0', '\0\n\n', ''),
  })
  .map(({ command, headers, body, end }) =>
    [command, ...headers.map(([key, value]) => `${key}:${value}`), '', `${body}${end}`].join('\n'),
  );

const mqttPacket: Arbitrary<Packet> = fc
  .record({
    topic: fc.oneof(
      fc.uuid().map((id) => `rooms/${id}/messages`),
      fc.constantFrom('rooms/+/events', 'rooms/#', '$share/a/rooms/+/events', 'user/events'),
    ),
    payload: fc.oneof(nearlyRight, json, deep, text),
    messageId: fc.integer({ min: 1, max: 65_535 }),
    qos: fc.constantFrom<QoS>(0, 1, 2),
    flag: fc.boolean(),
  })
  .chain(({ topic, payload, messageId, qos, flag }) => {
    const published = {
      cmd: 'publish',
      topic: topic.replace(/[#+]/, 'x'),
      payload,
      messageId,
      dup: flag,
    } as const;
    return fc.constantFrom<Packet>(
      { ...published, qos: 1, retain: false },
      { ...published, qos, retain: flag, dup: flag && qos > 0 },
      { cmd: 'subscribe', messageId, subscriptions: [{ topic, qos }] },
      { cmd: 'unsubscribe', messageId, unsubscriptions: [topic] },
      { cmd: 'puback', messageId },
      { cmd: 'pubrel', messageId },
      { cmd: 'suback', messageId, granted: [qos] },
      { cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: flag },
      { cmd: 'pingreq' },
      { cmd: 'auth', reasonCode: 0 },
    );
  });
/** MQTT packets one behind the other, most often with a byte that is another, or cut. */
const mqtt = fc
  .record({
    packets: fc.array(mqttPacket, { minLength: 1, maxLength: 5 }),
    bent: fc.option(fc.tuple(fc.nat(), fc.nat(255))),
    end: fc.option(fc.nat()),
  })
  .map(({ packets, bent, end }) => {
    const whole = Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion: 5 })));
    if (bent) whole[bent[0] % whole.length] = bent[1];
    return end === null ? whole : whole.subarray(0, 1 + (end % whole.length));
  });

const atDoor = (door: WebSocketDoor, data: Arbitrary<string | Uint8Array>): Arbitrary<HostileFrame> =>
  data.map((of) => ({ layer: 'message', door, data: of }));
const cutOf = (whole: Arbitrary<string>) => fc.tuple(whole, fc.nat(80)).map(([of, at]) => of.slice(0, at));

/** Reserved bits, opcodes there are none of, no mask, control frames too long, lengths that lie. */
const websocket = fc
  .record({ first: fc.nat(255), second: fc.nat(255), length: fc.uint8Array({ maxLength: 8 }), rest: bytes })
  .map(({ first, second, length, rest }) => Uint8Array.from([first, second, ...length, ...rest]));

const http = fc
  .record({
    method: fc.oneof(fc.constantFrom('GET', 'POST', 'BREW'), text),
    path: text,
    header: text,
    rest: bytes,
  })
  .map(({ method, path, header, rest }) =>
    Buffer.concat([
      Buffer.from(`${method} /socket.io/?EIO=4&transport=websocket${path} HTTP/1.1\r\nHost: x\r\n`),
      Buffer.from(`Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${header}\r\n\r\n`),
      rest,
    ]),
  );

const hostile: Arbitrary<HostileFrame> = fc.oneof(
  { weight: 35, arbitrary: atDoor('socketio', message) },
  { weight: 4, arbitrary: atDoor('socketio', bytes) },
  { weight: 1, arbitrary: atDoor('socketio', large) },
  {
    weight: 20,
    arbitrary: atDoor('ws', fc.oneof({ weight: 9, arbitrary: plain }, cutOf(plain), json, text)),
  },
  { weight: 2, arbitrary: atDoor('ws', bytes) },
  { weight: 1, arbitrary: atDoor('ws', large) },
  { weight: 20, arbitrary: atDoor('stomp', fc.oneof({ weight: 9, arbitrary: stomp }, cutOf(stomp), text)) },
  { weight: 2, arbitrary: atDoor('stomp', bytes) },
  { weight: 1, arbitrary: atDoor('stomp', large) },
  { weight: 20, arbitrary: atDoor('mqtt', mqtt) },
  { weight: 2, arbitrary: atDoor('mqtt', bytes) },
  { weight: 1, arbitrary: atDoor('mqtt', large) },
  { weight: 8, arbitrary: websocket.map((of) => ({ layer: 'websocket' as const, bytes: of })) },
  { weight: 3, arbitrary: http.map((of) => ({ layer: 'http' as const, bytes: of })) },
  { weight: 5, arbitrary: fc.oneof(message, text).map((body) => ({ layer: 'polling' as const, body })) },
);

/** The same ones for the same seed. */
export const hostileFrames = (seed: number, count: number): HostileFrame[] =>
  fc.sample(hostile, { seed, numRuns: count });
