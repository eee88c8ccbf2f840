// A client nobody here wrote tries what each user may do.
// eslint-disable-next-line no-restricted-imports
import { type Admin, Kafka, type KafkaConfig, KafkaJSProtocolError, logLevel } from 'kafkajs';
import { readFileSync } from 'node:fs';
import type { SecureKafka, User } from './secure-stack';

/** `allowed`, or the name of the error that Kafka refuses it with. */
export type Verdict = 'allowed' | (string & {});

const retry = { retries: 0 };

/** A stock Kafka client that is logged in as one user. */
export class Outsider {
  private readonly kafka: Kafka;

  constructor(kafka: SecureKafka, user: User, others: Partial<KafkaConfig> = {}) {
    const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = kafka.logInOf(user);
    this.kafka = new Kafka({
      brokers: kafka.brokers,
      logLevel: logLevel.NOTHING,
      retry,
      // On a busy machine a handshake takes its time; a verdict is what is asked for.
      ...{ connectionTimeout: 10_000, authenticationTimeout: 10_000 },
      ssl: { ca: [readFileSync(kafka.authority.caFile, 'utf8')] },
      sasl: { mechanism: 'scram-sha-512', username, password },
      ...others,
    });
  }

  /** Writes a record to the first partition that no reader can take for anything. */
  async write(topic: string): Promise<Verdict> {
    const producer = this.kafka.producer({ retry });
    await producer.connect();
    const sent = producer.send({ topic, messages: [{ key: 'k', value: 'nonsense', partition: 0 }] });
    const verdict = await sent.then(() => 'allowed', errorName);
    await producer.disconnect();
    return verdict;
  }

  /** Joins a group and fetches once. */
  async read(topic: string, groupId: string): Promise<Verdict> {
    const consumer = this.kafka.consumer({ groupId, retry, maxWaitTimeInMs: 100 });
    const fetched = new Promise<Verdict>((resolve) => {
      consumer.on('consumer.fetch', () => resolve('allowed'));
      consumer.on('consumer.crash', ({ payload }) => resolve(errorName(payload.error)));
    });
    await consumer.connect();
    const started = consumer
      .subscribe({ topic })
      .then(() => consumer.run({ eachMessage: async () => undefined, autoCommit: false }))
      .then(() => fetched, errorName);
    const verdict = await Promise.race([started, fetched]);
    await consumer.disconnect();
    return verdict;
  }

  /** Does something as an admin would. */
  async administer(work: (admin: Admin) => Promise<unknown>): Promise<Verdict> {
    const admin = this.kafka.admin({ retry });
    try {
      await admin.connect();
      await work(admin);
      return 'allowed';
    } catch (error) {
      return errorName(error);
    } finally {
      await admin.disconnect();
    }
  }
}

function errorName(error: unknown): string {
  let at = error;
  while (at instanceof Error && !(at instanceof KafkaJSProtocolError)) {
    const inner: unknown = 'errors' in at && Array.isArray(at.errors) ? at.errors[0] : at.cause;
    if (!(inner instanceof Error)) return at.name;
    at = inner;
  }
  return at instanceof KafkaJSProtocolError ? at.type : String(at);
}
