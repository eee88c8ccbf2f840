import type { JsonSchema } from '../schema-book';

/** The parts of AsyncAPI 3.0 that ours has. */
export interface Reference {
  $ref: string;
}
export interface Message {
  name: string;
  title?: string;
  summary?: string;
  headers?: JsonSchema;
  payload: JsonSchema;
  bindings?: Record<string, unknown>;
  examples?: { name?: string; headers?: unknown; payload: unknown }[];
}
export interface Channel {
  address: string;
  description: string;
  servers: Reference[];
  parameters?: Record<string, { description: string }>;
  messages: Record<string, Message | Reference>;
  bindings?: Record<string, unknown>;
}
/** As the document tells what Maru does: `send` is what you hear, `receive` is what you may say. */
export interface Operation {
  action: 'send' | 'receive';
  summary: string;
  channel: Reference;
  messages: Reference[];
  reply?: { channel: Reference; messages: Reference[] };
}
/** What a door or a topic adds to the document. */
export interface Part {
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
}

/** The path of a part of the document, with `~` and `/` in its names escaped. */
export const to = (...path: string[]): Reference => ({
  $ref: `#/${path.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
});

export const onServers = (...names: string[]): Reference[] => names.map((name) => to('servers', name));

export const inRoom = { roomId: { description: 'A room of yours.' } };

export const tells = (channel: string, summary: string, messages: readonly string[]): Operation => ({
  action: 'send',
  summary,
  channel: to('channels', channel),
  messages: messages.map((name) => to('channels', channel, 'messages', name)),
});

export const asks = (channel: string, summary: string, message: string, reply?: string): Operation => ({
  action: 'receive',
  summary,
  channel: to('channels', channel),
  messages: [to('channels', channel, 'messages', message)],
  ...(reply !== undefined && {
    reply: { channel: to('channels', channel), messages: [to('channels', channel, 'messages', reply)] },
  }),
});

export const merged = (...parts: Part[]): Part => ({
  channels: Object.assign({}, ...parts.map(({ channels }) => channels)) as Part['channels'],
  operations: Object.assign({}, ...parts.map(({ operations }) => operations)) as Part['operations'],
});

export const object = (properties: Record<string, unknown>, ...required: string[]): JsonSchema => ({
  type: 'object',
  required,
  properties,
});
