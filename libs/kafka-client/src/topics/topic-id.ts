import type { KafkaConfig } from '../config/kafka.config';
import { kafkaClient } from '../kafkajs/client';
import type { Logger } from '../logger';

/**
 * kafkajs asks for metadata in version 6 of the protocol; topic ids came with version 10. So one request of
 * version 12 is made by hand here and sent over kafkajs's own connection, which knows TLS and SASL. The
 * cluster object behind a client is not exported; its maker is found by the name of its symbol.
 */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  brokerPool: { seedBroker: { connectionPool: { send(exchange: unknown): Promise<Buffer> } } };
}
const MAKER = 'private:Kafka:createCluster';
const METADATA = { apiKey: 3, apiVersion: 12, apiName: 'Metadata' };

/** The cluster's own id of a topic, 22 characters as Kafka's tools show it; undefined when there is none. */
export async function topicIdOf(
  config: KafkaConfig,
  topic: string,
  logger: Logger,
): Promise<string | undefined> {
  const client = kafkaClient(config, 'admin', logger) as unknown as Record<
    symbol,
    (options: object) => Cluster
  >;
  const maker = Object.getOwnPropertySymbols(client).find(({ description }) => description === MAKER);
  const cluster = maker && client[maker]?.({ allowAutoTopicCreation: false });
  if (!cluster) return undefined;
  try {
    await cluster.connect();
    const body = encodeRequest(topic);
    const answer = await cluster.brokerPool.seedBroker.connectionPool.send({
      request: { ...METADATA, encode: async () => ({ buf: body, buffer: body }) },
      response: { decode: async (payload: Buffer) => payload, parse: async (payload: Buffer) => payload },
    });
    return decodeTopicId(answer);
  } finally {
    void cluster.disconnect().catch(() => undefined);
  }
}

/** Flexible version: compact lengths are one more than they say, and each structure ends with its tags (none). */
function encodeRequest(topic: string): Buffer {
  const name = Buffer.from(topic, 'utf8');
  const noTags = Buffer.of(0);
  const oneTopic = Buffer.of(2);
  const noId = Buffer.alloc(16);
  const noCreationNoAuthorisation = Buffer.of(0, 0);
  return Buffer.concat([
    ...[noTags, oneTopic, noId, unsignedVarint(name.length + 1), name, noTags],
    ...[noCreationNoAuthorisation, noTags],
  ]);
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.of(...bytes, rest);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Walks over the brokers and the cluster's id to the first topic. */
export function decodeTopicId(answer: Buffer): string | undefined {
  let at = 1 + 4;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = answer.readUInt8(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skipString = () => {
    const length = varint() - 1;
    if (length > 0) at += length;
  };
  for (let broker = varint() - 1; broker > 0; broker--) {
    at += 4;
    skipString();
    at += 4;
    skipString();
    skipTags();
  }
  skipString();
  at += 4;
  if (varint() - 1 < 1) return undefined;
  const error = answer.readInt16BE(at);
  at += 2;
  skipString();
  return error === 0 ? answer.subarray(at, at + 16).toString('base64url') : undefined;

  function skipTags(): void {
    for (let tags = varint(); tags > 0; tags--) {
      varint();
      const size = varint();
      at += size;
    }
  }
}
