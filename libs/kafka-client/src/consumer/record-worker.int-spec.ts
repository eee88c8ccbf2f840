import { Kafka, ConfigResourceTypes } from 'kafkajs';
import { DeadLetters } from '../dead-letters/dead-letters';
import { deadLetterTopic } from '../dead-letters/dead-letter';
import { KafkaUnavailableError } from '../errors';
import { KafkaMetrics } from '../metrics';
import type { ProducerService } from '../producer/producer.service';
import type { IncomingRecord } from '../records/record';
import { pause } from '../time';
import { randomName, TestKafka, until } from '../testing/test-kafka';
import { recordWorker, type RecordWorkerOptions } from './record-worker';

const number = (record: IncomingRecord | undefined) => Number(record?.value);

describe('recordWorker', () => {
  const kafka = new TestKafka();
  const metrics = new KafkaMetrics();
  let producer: ProducerService;
  let deadLetters: DeadLetters;
  beforeAll(async () => {
    producer = await kafka.producer();
    deadLetters = new DeadLetters({ ...kafka, consumer: kafka.consumer(), producer }, { metrics });
  });
  afterAll(() => kafka.stop());

  /** A topic with `values` in partition 0, and a group that works on it. */
  async function work(
    values: number[],
    options: Pick<RecordWorkerOptions, 'handle' | 'handleBatch' | 'filter'>,
  ) {
    const topic = await kafka.topic();
    await producer.sendBatch(
      topic,
      0,
      values.map((value) => ({ key: 'k', value: String(value), headers: { ce_type: 'n' } })),
    );
    const group = randomName('g');
    const worker = recordWorker({
      group,
      retry: { count: 2, delayMs: 20 },
      deadLetters,
      metrics,
      ...options,
    });
    const running = await kafka.consumer().subscribe({ group, topics: [topic], worker });
    const committed = async () => (await kafka.admin.committed(group, [topic]))[topic]?.[0] ?? 0;
    const done = () => until('all are committed', async () => (await committed()) === values.length);
    return { topic, group, running, committed, done };
  }

  it('commits a record only when its handler has succeeded', async () => {
    let release = () => undefined as void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { committed, done } = await work([0, 1, 2], {
      handle: (record) => (number(record) === 1 ? held : Promise.resolve()),
    });
    await until('the first is committed', async () => (await committed()) === 1);
    await pause(500);
    expect(await committed()).toBe(1);
    release();
    await done();
  });

  it('tries a record again in its place, a bounded number of times, then puts it aside and goes on', async () => {
    const tried: number[] = [];
    const { topic, group, done } = await work([0, 1, 2], {
      handle: async (record) => {
        tried.push(number(record));
        if (number(record) === 1) throw new Error('cannot be done');
      },
    });
    await done();
    expect(tried).toEqual([0, 1, 1, 1, 2]);
    const [letter, ...more] = await deadLetters.list(group);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      group,
      source: { topic, partition: 0, offset: 1 },
      cause: 'Error: cannot be done',
    });
    expect([String(letter?.record.value), letter?.record.key, letter?.record.headers.ce_type]).toEqual([
      '1',
      'k',
      'n',
    ]);
    expect((await metrics.deadLettered.get()).values).toContainEqual({ labels: { group, topic }, value: 1 });
  });

  it('cuts a batch that fails down to the record at fault', async () => {
    const done: number[] = [];
    const { group, done: committed } = await work([0, 1, 2, 3, 4], {
      handleBatch: async (records) => {
        if (records.some((record) => number(record) === 2)) throw new Error('poison');
        done.push(...records.map(number));
      },
    });
    await committed();
    expect(done).toEqual([0, 1, 3, 4]);
    expect((await deadLetters.list(group)).map(({ source }) => source.offset)).toEqual([2]);
  });

  it('retries an error of the surroundings without bound, and puts nothing aside for it', async () => {
    let away = 0;
    const { group, done } = await work([0], {
      handle: async () => {
        if (away++ < 6) throw new KafkaUnavailableError('away');
      },
    });
    await done();
    expect(away).toBe(7);
    expect(await deadLetters.list(group)).toEqual([]);
  });

  it('passes over what its filter leaves out, and commits it', async () => {
    const handled: number[] = [];
    const { done } = await work([0, 1, 2, 3], {
      filter: (record) => number(record) % 2 === 1,
      handle: async (record) => handled.push(number(record)),
    });
    await done();
    expect(handled).toEqual([1, 3]);
  });

  it('keeps a record whose dead letter cannot be written until it can', async () => {
    const group = randomName('g');
    const [topic, dead] = [await kafka.topic(), deadLetterTopic(group)];
    const limit = (bytes: string) => ({ 'max.message.bytes': bytes });
    await kafka.admin.ensure([{ name: dead, partitions: 1, replicationFactor: 1, config: limit('50') }]);
    await producer.sendBatch(
      topic,
      0,
      [0, 1].map((value) => ({ key: 'k', value: String(value) })),
    );
    const handle = async (record: IncomingRecord) => {
      if (number(record) === 0) throw new Error('poison');
    };
    const worker = recordWorker({
      group,
      retry: { count: 0, delayMs: 1 },
      deadLetters,
      logger: kafka.log,
      handle,
    });
    await kafka.consumer().subscribe({ group, topics: [topic], worker });
    await until(
      'it failed twice',
      () => kafka.log.lines.filter(({ event }) => event === 'dead_letter.failed').length > 1,
    );
    expect((await kafka.admin.committed(group, [topic]))[topic]?.[0] ?? 0).toBe(0);
    const admin = new Kafka({ brokers: kafka.config.brokers, clientId: 'test', logLevel: 0 }).admin();
    const configEntries = [{ name: 'max.message.bytes', value: '100000' }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: dead, configEntries }],
    });
    await admin.disconnect();
    await until(
      'both are done with',
      async () => (await kafka.admin.committed(group, [topic]))[topic]?.[0] === 2,
    );
    expect(await deadLetters.list(group)).toHaveLength(1);
  });

  it('puts aside a record that is as large as its topic takes', async () => {
    const group = randomName('g');
    const topic = await kafka.topic();
    const size = 1024 * 1024 - 100;
    await producer.send({ topic, partition: 0, key: 'k', value: 'x'.repeat(size) });
    const handle = async () => {
      throw new Error('poison');
    };
    const worker = recordWorker({ group, retry: { count: 0, delayMs: 1 }, deadLetters, handle });
    await kafka.consumer().subscribe({ group, topics: [topic], worker });
    await until(
      'it is done with',
      async () => (await kafka.admin.committed(group, [topic]))[topic]?.[0] === 1,
    );
    expect((await deadLetters.list(group)).map(({ record }) => record.value?.length)).toEqual([size]);
  });

  it('goes on at the log’s start, loudly, when its position was deleted', async () => {
    const topic = await kafka.topic();
    const group = randomName('g');
    await producer.sendBatch(
      topic,
      0,
      [0, 1, 2, 3].map((value) => ({ key: 'k', value: String(value) })),
    );
    const once = await kafka
      .consumer()
      .subscribe({ group, topics: [topic], worker: async (queue) => queue.commit(1) });
    await once.stop();
    const admin = new Kafka({ brokers: kafka.config.brokers, clientId: 'test', logLevel: 0 }).admin();
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    await admin.disconnect();
    const handled: number[] = [];
    const handle = async (record: IncomingRecord) => handled.push(number(record));
    const worker = recordWorker({
      group,
      retry: { count: 0, delayMs: 1 },
      deadLetters,
      logger: kafka.log,
      handle,
    });
    await kafka.consumer().subscribe({ group, topics: [topic], worker });
    await until('the rest is read', () => handled.length === 1);
    expect(handled).toEqual([3]);
    expect(kafka.log.lines).toContainEqual(
      expect.objectContaining({ event: 'position.lost', position: 1, start: 3 }),
    );
  });
});
