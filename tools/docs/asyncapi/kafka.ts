import {
  compacted,
  publicEvents,
  type PublicTopic,
  type PublicTopicName,
  publicTopics,
  retentionMs,
} from '@maru/contracts';
import type { GoldenSample } from '../golden/golden-file';
import type { JsonSchema, SchemaBook } from '../schema-book';
import { type Message, onServers, type Part, to } from './document';

const bindingVersion = '0.5.0';

/** Every public topic with each of its events. */
export function kafkaPart(book: SchemaBook, samples: readonly GoldenSample[]): Part {
  const part: Part = { channels: {}, operations: {} };
  for (const [name, topic] of Object.entries<PublicTopic>(publicTopics)) {
    const address = name as PublicTopicName;
    const ofTopic = samples.filter((sample) => sample.topic === address);
    const messages = Object.fromEntries(
      Object.entries(publicEvents(address)).map(([type, schema]) => {
        const payload = book.named(schemaName(type), schema, 'output');
        return [type, messageOf(type, topic, payload, ofTopic)];
      }),
    );
    part.channels[address] = {
      address,
      description: `${topic.summary} Key: ${topic.key}. ${topic.order} ${topic.repeats}`,
      servers: onServers('kafka'),
      messages,
      bindings: { kafka: { topic: address, topicConfiguration: configurationOf(address), bindingVersion } },
    };
    part.operations[`${address}.publish`] = {
      action: 'send',
      summary: `${topic.summary} Consume it in a group of your own.`,
      channel: to('channels', address),
      messages: Object.keys(messages).map((type) => to('channels', address, 'messages', type)),
    };
  }
  return part;
}

/** `user.created` as `UserCreated`. */
const schemaName = (type: string): string =>
  type.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());

const configurationOf = (topic: PublicTopicName): Record<string, unknown> => ({
  'cleanup.policy': [compacted.includes(topic) ? 'compact' : 'delete'],
  'retention.ms': retentionMs[topic],
});

function messageOf(
  type: string,
  topic: PublicTopic,
  payload: JsonSchema,
  samples: readonly GoldenSample[],
): Message {
  return {
    name: type,
    headers: headersOf(type, topic),
    payload,
    bindings: {
      kafka: {
        key: { ...keyOf(topic), description: `The ${topic.key}; the partition is made of it.` },
        bindingVersion,
      },
    },
    examples: samples
      .filter((sample) => sample.type === type)
      .map(({ version, headers, value }) => ({ name: `v${version}`, headers, payload: value })),
  };
}

const keyOf = ({ key }: PublicTopic): JsonSchema =>
  key === 'userId' || key === 'roomId' ? { type: 'string', format: 'uuid' } : { type: 'string' };

/** CloudEvents 1.0, Kafka protocol binding, binary mode. */
function headersOf(type: string, { source, id }: PublicTopic): JsonSchema {
  return {
    type: 'object',
    required: ['ce_specversion', 'ce_type', 'ce_source', 'ce_id', 'content-type'],
    properties: {
      ce_specversion: { const: '1.0' },
      ce_type: { const: type },
      ce_source: { const: source },
      ce_id: { type: 'string', description: id },
      'content-type': { const: 'application/json' },
      // What leaves by an outbox stands in no trace.
      ...(source === '/api-chat' && {
        traceparent: {
          type: 'string',
          description: 'W3C trace context, where a trace is kept: few records have it.',
        },
        tracestate: { type: 'string', description: 'Beside traceparent, where the trace has one.' },
      }),
    },
  };
}
