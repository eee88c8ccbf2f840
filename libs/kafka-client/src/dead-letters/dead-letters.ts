import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { KafkaConfig } from '../config/kafka.config';
import type { ConsumerService } from '../consumer/consumer.service';
import type { PartitionQueue } from '../consumer/subscription';
import { KafkaError } from '../errors';
import type { ProducerService } from '../producer/producer.service';
import type { IncomingRecord } from '../records/record';
import type { TopicsAdmin } from '../topics/topics-admin';
import type { KafkaTools } from '../tools';
import {
  type DeadLetter,
  deadLetterRecord,
  deadLetterTopic,
  deadLetterTopicSpec,
  readDeadLetter,
  retryTopic,
} from './dead-letter';

/** Remembers which of a group's dead letters were handed to it again. */
const replayer = (group: string) => `dead-letter-replay.${group}`;
const randomName = () => `dead-letter-read.${randomUUID()}`;

interface Reading {
  group: string;
  topic: string;
  from?: number;
  to: number;
}

export interface DeadLettersParts {
  config: KafkaConfig;
  producer: ProducerService;
  consumer: ConsumerService;
  admin: TopicsAdmin;
}

/** Puts records aside that a group could not take (`dead-letter.<group>`, kept 30 days), and hands them back. */
export class DeadLetters {
  private readonly made = new Map<string, Promise<void>>();

  constructor(
    private readonly parts: DeadLettersParts,
    private readonly tools: KafkaTools = {},
  ) {}

  /** Resolves when the record lies on the group's dead letter topic; throws what the producer throws. */
  async add(group: string, record: IncomingRecord, cause: unknown): Promise<void> {
    const letter = deadLetterRecord(group, record, cause);
    await this.topic(letter.topic);
    await this.parts.producer.send(letter);
    const { topic, partition, offset, headers } = record;
    this.tools.metrics?.deadLettered.inc({ group, topic });
    this.tools.logger?.error(
      { event: 'record.dead_lettered', group, topic, partition, offset, id: headers.ce_id },
      'a record was put aside',
    );
  }

  /** Makes the topic by which replayed records reach this group, and nobody else. Its readers subscribe to it. */
  async retries(group: string): Promise<string> {
    await this.topic(retryTopic(group));
    return retryTopic(group);
  }

  /** Every dead letter of the group that is still kept, oldest first. */
  async list(group: string): Promise<DeadLetter[]> {
    const topic = deadLetterTopic(group);
    if (!(await this.parts.admin.exists(topic))) return [];
    const [range] = await this.parts.admin.ranges(topic);
    const letters: DeadLetter[] = [];
    if (!range || range.start === range.end) return letters;
    await this.each({ group: randomName(), topic, from: range.start, to: range.end }, async (record) => {
      const letter = readDeadLetter(record);
      if (letter) letters.push(letter);
    });
    return letters;
  }

  /** Hands the group its dead letters again, each once, or with `again` all that are kept; gives their number.
   * Only this group sees them, after whatever it is reading now. One that fails again is dead-lettered again. */
  async replay(group: string, options: { again?: boolean } = {}): Promise<number> {
    const { admin, producer } = this.parts;
    const [topic, retry] = [deadLetterTopic(group), retryTopic(group)];
    if (!(await admin.exists(topic))) return 0;
    if (!(await admin.exists(retry))) {
      throw new KafkaError('no_reader', `${group} does not read ${retry}: nothing was replayed`, false);
    }
    const [range] = await admin.ranges(topic);
    const before = (await admin.committed(replayer(group), [topic]))[topic]?.[0] ?? 0;
    const { start = 0, end = 0 } = range ?? {};
    let count = 0;
    const hand = async ({ key, value, headers }: IncomingRecord) => {
      await producer.send({ topic: retry, partition: 0, key, value, headers });
      count += 1;
    };
    if (options.again) await this.each({ group: randomName(), topic, from: start, to: end }, hand);
    else if (before < end) await this.each({ group: replayer(group), topic, to: end }, hand);
    return count;
  }

  /** Hands the topic's records below `to` to `take`, one after the other: all from `from` on, or with no `from`
   * those that the group has not had. */
  private async each(what: Reading, take: (record: IncomingRecord) => Promise<void>): Promise<void> {
    const { group, topic, from, to } = what;
    let finished: (outcome: { error?: unknown }) => void = () => undefined;
    const all = new Promise<{ error?: unknown }>((resolve) => (finished = resolve));
    const reading = await this.parts.consumer.subscribe({
      group,
      topics: [topic],
      fromBeginning: true,
      ...(from !== undefined && { partitions: { [topic]: [0] } }),
      worker: async (queue) => {
        if (from !== undefined) queue.seek(from);
        try {
          await this.until(to, queue, take);
          finished({});
        } catch (error) {
          // Taken away in between: it goes on where it stood.
          if (queue.signal.aborted) return;
          finished({ error });
        }
        if (!queue.signal.aborted) await once(queue.signal, 'abort');
      },
    });
    const { error } = await all;
    await reading.stop();
    if (error !== undefined) {
      throw new KafkaError('dead_letters_unread', `${topic} was not read to its end`, true, { cause: error });
    }
  }

  private async until(to: number, queue: PartitionQueue, take: (record: IncomingRecord) => Promise<void>) {
    for (let next = -1; next < to;) {
      for (const record of await queue.next(500)) {
        if (record.offset < to) await take(record);
        next = record.offset + 1;
        queue.commit(next);
      }
    }
  }

  private topic(name: string): Promise<void> {
    let made = this.made.get(name);
    if (!made) {
      made = this.parts.admin.make(deadLetterTopicSpec(name, this.parts.config));
      this.made.set(name, made);
      made.catch(() => this.made.delete(name));
    }
    return made;
  }
}
