import fc, { type Arbitrary } from 'fast-check';
import { eventContracts, requestContracts, topics, type TopicName } from '@maru/contracts';
import type { OutgoingRecord } from '@maru/kafka-client';
import { deep } from './frames';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const json = fc.json({ maxDepth: 4 });
const id = fc.uuid();
const when = fc.constantFrom('2026-01-01T00:00:00.000Z', 'yesterday', '');
const object = (fields: Record<string, Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: [] }).map((value) => JSON.stringify(value));

/** Commands that are none: a field is missing or is something else; and some that only the room refuses. */
const command = fc
  .record({
    type: fc.constantFrom(
      'createRoom',
      'sendMessage',
      'join',
      'leave',
      'addMember',
      'updateRoom',
      'deleteRoom',
      'fly',
    ),
    metadata: fc.oneof(
      json,
      deep.map((of) => `{"a":${of}}`),
      fc.constant('{}'),
    ),
    userId: fc.oneof(id, text),
    text: fc.oneof(text, fc.constant('x')),
  })
  .map(({ type, metadata, userId, text: said }) => (roomId: string) => {
    const head = JSON.stringify({ type, roomId, userId, id: 'x', text: said, memberId: userId });
    return `${head.slice(0, -1)},"metadata":${metadata}}`;
  });
const mark = object({
  roomId: id,
  userId: fc.oneof(id, text),
  seq: fc.oneof(fc.integer(), fc.maxSafeInteger(), text),
});
const told = object({
  userId: id,
  sessionId: fc.oneof(id, text),
  at: when,
  version: fc.integer(),
  name: text,
});
const roomEvent = object({
  type: fc.constantFrom('message', 'memberJoined', 'memberLeft', 'roomDeleted', 'fly'),
  roomId: id,
  seq: fc.oneof(fc.integer(), fc.double(), text),
  userId: fc.oneof(id, fc.integer()),
  createdAt: when,
});
const presence = object({
  userId: fc.oneof(id, text),
  gatewayId: fc.oneof(id, text),
  online: fc.oneof(fc.boolean(), text),
  given: fc.array(fc.oneof(fc.integer(), text)),
  at: when,
});
const notification = object({ userId: id, roomId: id, seq: fc.oneof(fc.integer(), text), at: when });
const replies = fc.oneof(
  json,
  object({ id: fc.string(), body: fc.jsonValue() }).map((one) => `[${one}]`),
);

const request = object({
  asker: object({ userId: fc.oneof(id, text), sessionId: id }).map((one) => JSON.parse(one) as unknown),
  command: fc.oneof(
    fc.jsonValue(),
    fc.record({
      id: fc.constantFrom('x', ''),
      type: fc.constantFrom(...Object.keys(requestContracts), 'fly'),
    }),
  ),
});
const streamReply = object({ userId: fc.oneof(id, text), sessionId: id, reply: fc.jsonValue() });

const registration = object({
  gatewayId: fc.oneof(id, text),
  slot: fc.oneof(fc.integer(), text),
  n: fc.oneof(fc.integer(), fc.maxSafeInteger(), text),
  claimId: fc.oneof(id, text),
});
const delivery = fc.oneof(
  roomEvent,
  object({
    gatewayId: fc.oneof(id, text),
    partition: fc.integer(),
    n: fc.integer(),
    offset: fc.oneof(fc.integer(), text),
  }),
);

const shaped: Record<TopicName, Arbitrary<string>> = {
  [topics.chatCommands]: json,
  [topics.chatReads]: mark,
  [topics.usersEvents]: told,
  [topics.authEvents]: told,
  [topics.chatEvents]: roomEvent,
  [topics.chatSignals]: roomEvent,
  [topics.presence]: presence,
  [topics.notifications]: notification,
  [topics.replies]: replies,
  [topics.usersRequests]: request,
  [topics.authRequests]: request,
  [topics.chatRequests]: request,
  [topics.streamReplies]: streamReply,
  [topics.gatewayRooms]: registration,
  [topics.gatewayJoins]: roomEvent,
  [topics.gatewayDeliveries]: delivery,
};

const types = [...Object.keys(eventContracts), ...Object.keys(requestContracts)];
const header = fc.oneof(text, fc.constantFrom('0', '5', '99999', '1e9', '-1', '0.5'));
const headers = fc.record(
  {
    ce_type: fc.oneof(fc.constantFrom(...types, 'memberJoined', 'message', 'reply'), text),
    'maru-asker': fc.oneof(id, text),
    'maru-slot': header,
    'maru-request': header,
    other: text,
  },
  { requiredKeys: [] },
);

const value = (topic: TopicName): Arbitrary<OutgoingRecord['value']> =>
  fc.oneof(
    { weight: 6, arbitrary: shaped[topic] },
    { weight: 2, arbitrary: text },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((of) => Buffer.from(of)) },
    { weight: 1, arbitrary: deep },
    { weight: 1, arbitrary: fc.constant(null) },
  );

/** Where a record goes: chat.commands most often, since there one could stop a partition's only writer. */
const topic = fc.oneof(
  { weight: 5, arbitrary: fc.constant(topics.chatCommands) },
  { weight: 5, arbitrary: fc.constantFrom(...Object.values(topics)) },
);

const anyRecord = fc
  .tuple(topic, id, fc.oneof(id, text))
  .chain(([to, roomId, key]) =>
    fc
      .record({ value: value(to), headers, command, right: fc.boolean() })
      .map((made): OutgoingRecord =>
        to === topics.chatCommands && made.right
          ? { topic: to, key: roomId, value: made.command(roomId), headers: made.headers }
          : { topic: to, key, value: made.value, headers: made.headers },
      ),
  );

/** The same ones for the same seed. */
export const badRecords = (seed: number, count: number): OutgoingRecord[] =>
  fc.sample(anyRecord, { seed, numRuns: count });

/** One for each topic, the largest that a broker takes: put aside with its cause, it is larger. */
export const largestRecords: readonly OutgoingRecord[] = Object.values(topics).map((to) => ({
  topic: to,
  key: 'largest',
  value: 'x'.repeat(1024 * 1024 - 200),
}));
