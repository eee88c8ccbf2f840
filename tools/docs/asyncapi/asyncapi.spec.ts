import schema from '@asyncapi/specs/schemas/3.0.0.json';
import {
  clientEvents,
  publicEvents,
  type PublicTopicName,
  publicTopics,
  serverEventBodies,
} from '@maru/contracts';
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSamples } from '../golden/golden-file';
import { type AsyncApi, asyncApi } from './asyncapi';
import type { Message } from './document';

const root = path.resolve(__dirname, '../../..');
const document = asyncApi(readSamples(path.join(root, 'libs/contracts/golden')));
const plain = JSON.parse(JSON.stringify(document)) as AsyncApi;
const options = { strict: false, validateFormats: false, allErrors: true };

/** What a reference names, whatever it leads over. */
function at(reference: string): unknown {
  const names = reference
    .slice(2)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((value, name) => {
    const here = (value as Record<string, unknown> | undefined)?.[name] as { $ref?: string } | undefined;
    return here?.$ref === undefined ? here : at(here.$ref);
  }, plain);
}

/** Every value under `key`, however deep. */
function all(value: unknown, key: string): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, inner]) => [
    ...(name === key ? [inner] : []),
    ...all(inner, key),
  ]);
}

const messages = [
  ...Object.values(plain.components.messages),
  ...Object.values(plain.channels).flatMap(({ messages: own }) => Object.values(own)),
].filter((one): one is Message => 'payload' in one);

/** A validator of a part of the document, with its schemas at hand. */
function validator(part: unknown) {
  const ajv = new Ajv(options);
  ajv.addSchema({ $id: 'doc', components: { schemas: plain.components.schemas } });
  return ajv.compile(
    JSON.parse(JSON.stringify(part).replaceAll('"#/components', '"doc#/components')) as object,
  );
}

describe('asyncapi.json', () => {
  it('is as the schema of AsyncAPI 3.0 says', () => {
    // It brings the schema of schemas along.
    const ajv = new Ajv({ ...options, meta: false, validateSchema: false });
    ajv.validate(schema, plain);
    expect(ajv.errors ?? []).toEqual([]);
    expect(ajv.validate(schema, { ...plain, operations: { wrong: { action: 'shout' } } })).toBe(false);
  });

  it('holds only references that lead somewhere', () => {
    const references = all(plain, '$ref') as string[];
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((reference) => at(reference) === undefined)).toEqual([]);
  });

  it('has an operation for each channel, with messages of that channel alone', () => {
    const operations = Object.values(plain.operations);
    const used = new Set(operations.map(({ channel }) => channel.$ref));
    expect([...used].sort()).toEqual(
      Object.keys(plain.channels)
        .map((name) => `#/channels/${name}`)
        .sort(),
    );
    for (const { channel, messages: own, reply } of operations) {
      for (const { $ref } of [...own, ...(reply?.messages ?? [])]) {
        expect($ref.startsWith(`${channel.$ref}/messages/`)).toBe(true);
      }
    }
  });

  it('has every event of every public topic, and examples that are as its schemas say', () => {
    for (const topic of Object.keys(publicTopics) as PublicTopicName[]) {
      expect(Object.keys(plain.channels[topic]?.messages ?? {})).toEqual(Object.keys(publicEvents(topic)));
    }
    const shown = messages.flatMap((message) =>
      (message.examples ?? []).map((example) => ({ message, example })),
    );
    expect(shown.length).toBeGreaterThan(Object.keys(publicTopics).length);
    for (const { message, example } of shown) {
      const takes = validator(message.payload);
      expect({ name: message.name, ok: takes(example.payload), errors: takes.errors }).toMatchObject({
        ok: true,
      });
      if (message.headers) expect(validator(message.headers)(example.headers)).toBe(true);
    }
  });

  it('has every server event and every client event with its acknowledgement, at Socket.IO and at /ws', () => {
    const names = Object.keys(clientEvents).flatMap((name) => [`${name}Request`, `${name}Ack`]);
    for (const door of ['socketio', 'websocket']) {
      const known = Object.keys(plain.channels[door]?.messages ?? {});
      expect(known).toEqual(expect.arrayContaining([...Object.keys(serverEventBodies), ...names]));
    }
    const { read, readRequest } = plain.components.messages;
    expect(read?.payload).not.toEqual(readRequest?.payload);
  });

  it('takes a frame of /ws as documented, and no other', () => {
    const { payload } = plain.channels['websocket']?.messages['sendMessageRequest'] as Message;
    const takes = validator(payload);
    const frame = { id: 1, type: 'sendMessage', roomId: '63ef273a-a8b6-4ea7-aaf2-74a00392d5e6', text: 'hi' };
    expect(takes(frame)).toBe(true);
    expect(takes({ ...frame, type: 'read' })).toBe(false);
    expect(takes({ ...frame, text: 7 })).toBe(false);
  });

  it('names as public those topics that the protocol says anyone may read', () => {
    const page = readFileSync(path.join(root, 'docs/protocol.md'), 'utf8');
    const open = [...page.matchAll(/^\| `([\w.]+)` +\|[^|]*\|[^|]*\|[^|]*anyone/gm)].map(([, name]) => name);
    expect(open.sort()).toEqual(Object.keys(publicTopics).sort());
  });
});
