import * as contracts from '@maru/contracts';
import { z } from 'zod';
import { namedTypes, shape, values } from './shape';
import { code, table } from './table';

const { clientEvents, closingTable, errorTable, partitionedByRoom, retentionMs, routes, topics } = contracts;

function routesTable(): string {
  const rows = routes.map((route) => {
    const { method, path, summary, access, scope = '', query, body, answers, errors } = route;
    const takes = [
      ...(query ? [`query ${code(shape(query, 'input'))}`] : []),
      ...(body ? [code(shape(body, 'input'))] : []),
    ].join(', ');
    const gives = Object.entries(answers).map(
      ([status, schema]) => `${status}${schema ? ` ${code(shape(schema))}` : ''}`,
    );
    return [
      `**${method.toUpperCase()}** ${code(path)}`,
      summary,
      access === 'server' ? `key ${code(scope)}` : access === 'user' ? 'token' : 'open',
      takes || '–',
      gives.join(', '),
      [...errors].sort().map(code).join(' ') || '–',
    ];
  });
  return table(['route', 'what it does', 'for', 'takes', 'answers', 'refused with'], rows);
}

function commonErrors(): string {
  const { every, user, server, input, body } = contracts.commonErrors;
  const list = (codes: readonly string[]): string => codes.map(code).join(' ');
  return table(
    ['which routes', 'may be refused with'],
    [
      ['every one', list(every)],
      ['those that need a token', list(user)],
      ['those that need a server key', list(server)],
      ['those with parameters, a query or a body', list(input)],
      ['those with a body', list(body)],
    ],
  );
}

function errorsTable(): string {
  const rows = Object.entries(errorTable).map(([name, { status, retryable, message }]) => [
    code(name),
    String(status),
    retryable ? 'yes' : 'no',
    message,
  ]);
  return table(['code', 'HTTP status', 'retryable', 'message'], rows);
}

function valuesTable(): string {
  const ids = [
    ['`UserId`, `RoomId`, `Uuid`', 'A UUID in its text form.'],
    ['`limit` of a page', '1 to 100; 50 when left out.'],
  ];
  const rows = Object.entries(values).map(([name, schema]) => [code(name), schema.description ?? '']);
  return table(['value', 'what it is'], [...rows, ...ids]);
}

function types(list: Record<string, z.ZodType>): string {
  const lines = Object.entries(list).map(([name, schema]) => `type ${name} = ${shape(schema)};`);
  return ['```ts', ...lines, '```'].join('\n');
}

/** Every type with a name that another block has met; made last. */
function namedBlock(): string {
  const lines = [...namedTypes]
    .filter(([name]) => name !== 'UserId' && name !== 'RoomId')
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, type]) => `type ${name} = ${type};`);
  return ['```ts', ...lines, '```'].join('\n');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A union as one type a member, so that each can be read. */
function unionTypes(union: { options: readonly z.ZodType[] }, suffix: string): string {
  const nameOf = (option: z.ZodType): string => {
    const { type } = (option as z.ZodObject<{ type: z.ZodLiteral<string> }>).shape;
    return capital(type.value) + suffix;
  };
  return types(Object.fromEntries(union.options.map((option) => [nameOf(option), option])));
}

function clientEventsTable(): string {
  const rows = Object.entries(clientEvents).map(([name, schema]) => [
    code(name),
    code(shape(schema, 'input')),
  ]);
  return table(['event', 'payload'], rows);
}

function streamCommands(): string {
  const rows = contracts.streamCommand.options.map((option) => {
    const { type, id, ...body } = option.shape;
    const of = type.value;
    const request = contracts.requestContracts[of as contracts.RequestType];
    const asked = request?.topic ?? (of === 'presence' ? undefined : contracts.topics.chatCommands);
    const takes = shape(z.object(body), 'input');
    return [code(of), id && code(takes), code(shape(contracts.streamAnswers[of])), asked ? code(asked) : '–'];
  });
  return table(['type', 'takes, beside `id` and `type`', 'answer', 'goes over'], rows);
}

function closingCodes(): string {
  const rows = Object.entries(closingTable).map(([name, { reconnect }]) => [
    code(name),
    reconnect ? 'come back, with the last seqs in `auth.resume`' : 'stay away until the cause is put right',
  ]);
  return table(['code', 'what the client should do'], rows);
}

const keys: Record<contracts.TopicName, [key: string, from: string, to: string]> = {
  'users.events': ['userId', 'api-users (outbox)', 'api-auth, api-chat, gateway, anyone'],
  'auth.events': ['userId', 'api-auth (outbox)', 'every app that checks tokens, api-users, anyone'],
  'chat.commands': ['roomId', 'the doors: gateway, api-chat', 'api-chat'],
  'chat.events': ['roomId', 'api-chat', 'gateway or router, anyone'],
  'chat.reads': ['roomId', 'the doors: gateway, api-chat', 'api-chat'],
  'chat.signals': ['roomId', 'gateway (typing), api-chat (read)', 'gateway or router'],
  presence: ['userId and gateway, or gateway', 'gateway', 'gateway, api-chat'],
  notifications: ['userId', 'api-chat', 'push services, anyone'],
  replies: ['slot', 'api-chat, api-users, api-auth', 'the asker'],
  'users.requests': ['userId', 'gateway', 'api-users'],
  'auth.requests': ['userId', 'gateway', 'api-auth'],
  'chat.requests': ['userId', 'gateway', 'api-chat'],
  'stream.replies': ['userId', 'gateway', 'gateway'],
  'gateway.rooms': ['room or user, and gateway', 'gateway, router', 'router'],
  'gateway.joins': ['roomId, in the partition of the user', 'router', 'router'],
  'gateway.deliveries': ['roomId, in the slot of the gateway', 'router', 'gateway, its own slot'],
};

function topicsTable(): string {
  const rows = Object.values(topics).map((topic) => {
    const [key, from, to] = keys[topic];
    return [code(topic), key, from, to, partitionsOf(topic), keptFor(retentionMs[topic])];
  });
  return table(['topic', 'key', 'written by', 'read by', 'partitions', 'kept for'], rows);
}

function partitionsOf(topic: contracts.TopicName): string {
  if (partitionedByRoom.includes(topic)) return '`CHAT_PARTITIONS`';
  if (topic === 'gateway.deliveries') return '`GATEWAY_SLOTS`';
  return topic === 'replies' ? '`REPLY_PARTITIONS`' : '`EVENT_PARTITIONS`';
}

function keptFor(ms: number): string {
  if (ms < 0) return 'ever';
  const hours = ms / 3_600_000;
  if (hours < 24) return hours === 1 ? '1 hour' : `${hours} hours`;
  return hours === 24 ? '1 day' : `${hours / 24} days`;
}

function eventTypes(): string {
  const rows = Object.entries(contracts.eventContracts).map(([type, { topic, schema }]) => [
    code(type),
    code(topic),
    code(shape(schema)),
  ]);
  return table(['type (`ce_type`)', 'topic', 'value'], rows);
}

/** The blocks of docs/protocol.md, in the order in which they are made. */
export const protocolBlocks: Record<string, () => string> = {
  routes: routesTable,
  'common errors': commonErrors,
  errors: errorsTable,
  values: valuesTable,
  'client events': clientEventsTable,
  'stream commands': streamCommands,
  'closing codes': closingCodes,
  topics: topicsTable,
  'events of users and sessions': eventTypes,
  'room events': () => unionTypes(contracts.roomEvent, ''),
  commands: () => unionTypes(contracts.command, 'Command'),
  'reads and signals': () =>
    [types({ ReadMark: contracts.readMark }), unionTypes(contracts.signal, 'Signal')].join('\n\n'),
  'named types': namedBlock,
};
