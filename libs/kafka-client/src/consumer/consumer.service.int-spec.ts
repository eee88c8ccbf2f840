import { Kafka } from 'kafkajs';
import { Registry } from 'prom-client';
import { KafkaMetrics } from '../metrics';
import { ProducerService } from '../producer/producer.service';
import type { IncomingRecord } from '../records/record';
import { pause } from '../time';
import { randomName, TestKafka, until } from '../testing/test-kafka';
import { ConsumerService } from './consumer.service';
import type { PartitionWorker } from './subscription';

/** Takes all, commits all. */
const into =
  (found: IncomingRecord[]): PartitionWorker =>
  async (queue) => {
    for (;;) {
      const records = await queue.next(100);
      found.push(...records);
      queue.commit((records.at(-1)?.offset ?? 0) + 1);
    }
  };

const numbers = (records: IncomingRecord[]) => records.map(({ value }) => Number(value));
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);

describe('ConsumerService', () => {
  const kafka = new TestKafka();
  let producer: ProducerService;
  const write = (topic: string, values: number[], partition = 0) =>
    producer.sendBatch(
      topic,
      partition,
      values.map((value) => ({ key: 'k', value: String(value) })),
    );
  beforeAll(async () => void (producer = await kafka.producer()));
  afterAll(() => kafka.stop());

  it('starts within a second and reads every partition in order', async () => {
    const topic = await kafka.topic(4);
    await Promise.all([0, 1, 2, 3].map((partition) => write(topic, upTo(3000), partition)));
    const found: IncomingRecord[] = [];
    const tookMs: number[] = [];
    const start = async (worker: PartitionWorker) => {
      const began = Date.now();
      const running = await kafka.consumer().subscribe({ group: randomName('g'), topics: [topic], worker });
      tookMs.push(Date.now() - began);
      return running;
    };
    const running = await start(into(found));
    expect(running.assigned()).toHaveLength(4);
    await until('all are read', () => found.length === 12_000);
    for (const partition of [0, 1, 2, 3]) {
      expect(numbers(found.filter((record) => record.partition === partition))).toEqual(upTo(3000));
    }
    expect(running.lag().map(({ lag }) => lag)).toEqual([0, 0, 0, 0]);
    for (let again = 0; again < 2; again++) await start(into([]));
    expect(Math.min(...tookMs)).toBeLessThan(1000);
  });

  it('fetches what nobody waits for in few fetches, and at once where there is enough', async () => {
    const topic = await kafka.topic(1);
    const found: IncomingRecord[] = [];
    let fetches = 0;
    const worker: PartitionWorker = async (queue) => {
      for (;;) {
        const records = await queue.next(1000);
        found.push(...records);
        fetches++;
      }
    };
    await kafka.consumer().subscribe({
      group: randomName('g'),
      topics: [topic],
      fromBeginning: true,
      gatherBytes: 100_000,
      worker,
    });
    const start = Date.now();
    for (const number of upTo(40)) {
      await write(topic, [number]);
      await pause(5);
    }
    await until('all are read', () => found.length === 40);
    expect(fetches).toBeLessThanOrEqual((Date.now() - start) / 250 + 2);
    const batch = Array.from({ length: 150 }, () => ({ key: 'k', value: 'x'.repeat(1000) }));
    const tookMs: number[] = [];
    for (let turn = 1; turn <= 8; turn++) {
      const began = Date.now();
      await producer.sendBatch(topic, 0, batch);
      await until('the batch is read', () => found.length === 40 + turn * batch.length);
      tookMs.push(Date.now() - began);
    }
    expect(Math.min(...tookMs)).toBeLessThan(150);
  });

  it('lets a slow worker neither block other partitions nor cost the membership', async () => {
    const topic = await kafka.topic(2);
    const found: IncomingRecord[] = [];
    const group = randomName('g');
    const worker: PartitionWorker = async (queue) => {
      if (queue.partition === 1) return into(found)(queue);
      await queue.next(1);
      await pause(15_000, queue.signal);
      found.push(...(await queue.next(1)));
      await pause(60_000, queue.signal);
    };
    await kafka
      .consumer({ sessionTimeoutMs: 6000 })
      .subscribe({ group, topics: [topic], worker, queueSize: 10 });
    await write(topic, upTo(500), 0);
    for (const number of upTo(20)) {
      const began = Date.now();
      await write(topic, [number], 1);
      await until('it is read', () => found.length > number);
      expect(Date.now() - began).toBeLessThan(8000);
      await pause(200);
    }
    await until('the slow one goes on', () => found.some(({ partition }) => partition === 0));
    const joins = kafka.log.lines.filter(
      (line) => line.event === 'consumer.joined' && 'group' in line && line.group === group,
    );
    expect(joins).toHaveLength(1);
  });

  it('gives every group offsets of its own, and starts new ones at the beginning or the end by setting', async () => {
    const topic = await kafka.topic();
    await write(topic, [1, 2]);
    const [first, end]: IncomingRecord[][] = [[], []];
    await kafka
      .consumer({ fromBeginning: true })
      .subscribe({ group: randomName('g'), topics: [topic], worker: into(first ?? []) });
    await kafka
      .consumer({ fromBeginning: false })
      .subscribe({ group: randomName('g'), topics: [topic], worker: into(end ?? []) });
    await write(topic, [3]);
    await until('both have the last', () => first?.length === 3 && end?.length === 1);
    expect([numbers(first ?? []), numbers(end ?? [])]).toEqual([[1, 2, 3], [3]]);
  });

  it('starts where its group stood, at the end as well, when nothing was read in between', async () => {
    const topic = await kafka.topic();
    await write(topic, [1]);
    const subscription = { group: randomName('g'), topics: [topic], fromBeginning: false };
    const once = await kafka.consumer().subscribe({ ...subscription, worker: into([]) });
    await once.stop();
    await write(topic, [2]);
    const found: IncomingRecord[] = [];
    await kafka.consumer().subscribe({ ...subscription, worker: into(found) });
    await until('it is read', () => found.length === 1);
    expect(numbers(found)).toEqual([2]);
  });

  it('takes a second start of the same group as the first', async () => {
    const topic = await kafka.topic();
    const found: IncomingRecord[] = [];
    const consumer = kafka.consumer();
    const subscription = { group: randomName('g'), topics: [topic], worker: into(found) };
    const both = await Promise.all([consumer.subscribe(subscription), consumer.subscribe(subscription)]);
    await write(topic, upTo(100));
    await until('all are read', () => found.length >= 100);
    await pause(300);
    expect(numbers(found)).toEqual(upTo(100));
    expect(both.map((running) => running.assigned())).toEqual([
      [{ topic, partition: 0 }],
      [{ topic, partition: 0 }],
    ]);
  });

  it('waits on stop for what is being worked on, and commits it', async () => {
    const topic = await kafka.topic();
    await write(topic, [0, 1, 2]);
    const group = randomName('g');
    let working = false;
    const running = await kafka.consumer().subscribe({
      group,
      topics: [topic],
      worker: async (queue) => {
        const [record] = await queue.next(1);
        working = true;
        await pause(700);
        queue.commit((record?.offset ?? 0) + 1);
        queue.signal.throwIfAborted();
      },
    });
    await until('it works', () => working);
    await running.stop();
    expect(await kafka.admin.committed(group, [topic])).toEqual({ [topic]: [1] });
  });

  it('starts a worker that throws again, from its last commit, while others go on', async () => {
    const topic = await kafka.topic(2);
    const found: IncomingRecord[] = [];
    const errors: unknown[] = [];
    let failed = 0;
    await kafka.consumer().subscribe({
      group: randomName('g'),
      topics: [topic],
      onError: (error) => errors.push(error),
      worker: async (queue) => {
        for (;;) {
          const [record] = await queue.next(1);
          if (queue.partition === 0 && Number(record?.value) === 3 && failed++ < 3)
            throw new Error('not yet');
          found.push(...(record ? [record] : []));
          queue.commit((record?.offset ?? 0) + 1);
        }
      },
    });
    await Promise.all([write(topic, upTo(6), 0), write(topic, upTo(6), 1)]);
    await until('all are read', () => found.length === 12);
    expect(numbers(found.filter(({ partition }) => partition === 0))).toEqual(upTo(6));
    expect(errors).toHaveLength(3);
  });

  it('reads exactly the chosen partitions, in a group of one', async () => {
    const topic = await kafka.topic(4);
    await Promise.all([0, 1, 2, 3].map((partition) => write(topic, [partition], partition)));
    const found: IncomingRecord[] = [];
    const running = await kafka.consumer().subscribe({
      group: randomName('g'),
      topics: [topic],
      partitions: { [topic]: [1, 3] },
      fromBeginning: true,
      worker: into(found),
    });
    await until('both are read', () => found.length === 2);
    expect(numbers(found).sort()).toEqual([1, 3]);
    expect(
      running
        .assigned()
        .map(({ partition }) => partition)
        .sort(),
    ).toEqual([1, 3]);
  });

  it('goes where its worker seeks, drops what was queued, and knows the log’s end', async () => {
    const topic = await kafka.topic();
    await write(topic, upTo(1000));
    const found: IncomingRecord[] = [];
    let high = 0;
    await kafka.consumer().subscribe({
      group: randomName('g'),
      topics: [topic],
      worker: async (queue) => {
        queue.seek(990);
        found.push(...(await queue.next(5)));
        high = queue.high();
        queue.seek(10);
        found.push(...(await queue.next(1)));
        await pause(60_000, queue.signal);
      },
    });
    await until('both places are read', () => found.length >= 2);
    await until('', () => numbers(found).at(-1) === 10);
    expect(numbers(found)[0]).toBe(990);
    expect(high).toBe(1000);
  });

  it('tells a worker whose position is no longer, or not yet, on the log, and resets nothing silently', async () => {
    const topic = await kafka.topic();
    await write(topic, upTo(20));
    const admin = new Kafka({ brokers: kafka.config.brokers, clientId: 'test', logLevel: 0 }).admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '10' }] });
    await admin.disconnect();
    const told: unknown[] = [];
    await kafka.consumer().subscribe({
      group: randomName('g'),
      topics: [topic],
      worker: async (queue) => {
        for (const offset of [5, 100]) {
          queue.seek(offset);
          await queue.next(1).catch((error: unknown) => told.push(error));
        }
        await pause(60_000, queue.signal);
      },
    });
    await until('it is told of both', () => told.length === 2);
    expect(told).toMatchObject([
      { code: 'offset_out_of_range', at: { position: 5, start: 10, end: 20 } },
      { code: 'offset_out_of_range', at: { position: 100, start: 10, end: 20 } },
    ]);
  });

  it('tells how many records were sent and how many a group has not committed yet', async () => {
    const topic = await kafka.topic(2);
    const group = randomName('g');
    const registry = new Registry();
    const metrics = new KafkaMetrics(registry);
    const counted = new ProducerService(kafka.config, { metrics });
    const consumer = new ConsumerService(kafka.config, { metrics });
    for (const partition of [0, 1, 1]) await counted.send({ topic, key: 'k', value: '1', partition });
    await consumer.subscribe({
      group,
      topics: [topic],
      worker: async (queue) => pause(60_000, queue.signal),
    });
    const text = await registry.metrics();
    expect(text).toContain(`kafka_records_sent_total{topic="${topic}"} 3`);
    expect(text).toContain(`kafka_consumer_lag_records{group="${group}",topic="${topic}"} 3`);
    await consumer.stop();
    await counted.stop();
  });

  it('waits for a topic that is not there yet', async () => {
    const topic = randomName('later');
    const found: IncomingRecord[] = [];
    const subscribed = kafka
      .consumer()
      .subscribe({ group: randomName('g'), topics: [topic], worker: into(found) });
    await pause(500);
    await kafka.admin.ensure([{ name: topic, partitions: 1, replicationFactor: 1, config: {} }]);
    await subscribed;
    await write(topic, [1]);
    await until('it is read', () => found.length === 1);
  });

  it('ends while it waits for its first assignment, by the signal', async () => {
    const [consumer, ending] = [kafka.consumer(), new AbortController()];
    const subscription = { group: randomName('g'), topics: [randomName('none')], signal: ending.signal };
    const reading = consumer.subscribe({ ...subscription, worker: into([]) });
    ending.abort();
    expect((await reading).assigned()).toEqual([]);
  });

  it('tells a worker that a log ends in what is no record', async () => {
    const topic = await kafka.topic();
    await write(topic, upTo(2));
    const client = new Kafka({ clientId: 'test', brokers: kafka.config.brokers });
    const other = client.producer({
      transactionalId: randomName('t'),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await other.connect();
    const transaction = await other.transaction();
    await transaction.send({ topic, messages: [{ key: 'k', value: '2' }] });
    await transaction.abort();
    await other.disconnect();
    const end = 4;
    await until('the mark of its end is there', async () => (await kafka.admin.ends(topic))[0] === end);
    const found: IncomingRecord[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const reading = await kafka.consumer().subscribe({
      ...{ group: randomName('g'), topics: [topic], fromBeginning: true },
      worker: async (queue) => {
        for (let records = await queue.next(1, end); records.length > 0; records = await queue.next(1, end))
          found.push(...records);
        resolve();
        await new Promise((ended) => queue.signal.addEventListener('abort', ended));
      },
    });
    await promise;
    expect(numbers(found)).toEqual([0, 1]);
    await reading.stop();
  });
});
