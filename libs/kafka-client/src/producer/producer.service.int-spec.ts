import { KafkaUnavailableError, SendRefusedError } from '../errors';
import { freePort } from '@maru/stack';
import { partitionOf } from '../records/murmur2';
import { TestKafka, testConfig } from '../testing/test-kafka';
import { ProducerService } from './producer.service';

describe('ProducerService', () => {
  const kafka = new TestKafka();
  afterAll(() => kafka.stop());

  it('writes key, value and headers to the partition that Java gives the key, and says where', async () => {
    const topic = await kafka.topic(6);
    const producer = await kafka.producer();
    const position = await producer.send({
      topic,
      key: '마루',
      value: '{"a":1}',
      headers: { ce_type: 'x', name: 'ü' },
    });
    expect(position).toEqual({ topic, partition: partitionOf('마루', 6), offset: 0 });
    const [record] = (await kafka.readBack(topic)).flat();
    expect(record).toMatchObject({ ...position, key: '마루', headers: { ce_type: 'x', name: 'ü' } });
    expect(String(record?.value)).toBe('{"a":1}');
    expect(Math.abs((record?.timestamp ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  it('keeps the order of sends that do not wait for each other, and tells each its own offset', async () => {
    const topic = await kafka.topic();
    const producer = await kafka.producer();
    const numbers = Array.from({ length: 5000 }, (_, number) => number);
    const sends = numbers.map((number) => producer.send({ topic, key: 'k', value: String(number) }));
    const offsets = (await Promise.all(sends)).map(({ offset }) => offset);
    expect(offsets).toEqual(numbers);
    const [records] = await kafka.readBack(topic);
    expect(records?.map(({ value }) => Number(value))).toEqual(numbers);
  });

  it('writes a batch in order, after this caller’s earlier ones, whatever its size', async () => {
    const topic = await kafka.topic(2);
    const producer = await kafka.producer();
    const batch = (from: number) =>
      Array.from({ length: 3000 }, (_, at) => ({
        key: 'k',
        value: JSON.stringify({ n: from + at, fill: 'x'.repeat(500) }),
      }));
    await Promise.all([0, 3000, 6000].map((from) => producer.sendBatch(topic, 1, batch(from))));
    const [none, records] = await kafka.readBack(topic);
    expect(none).toEqual([]);
    const numbers = records?.map(({ value }) => (JSON.parse(String(value)) as { n: number }).n);
    expect(numbers).toEqual(Array.from({ length: 9000 }, (_, n) => n));
  });

  it('refuses a record that is too large for good, and takes no neighbour along', async () => {
    const topic = await kafka.topic(1, { 'max.message.bytes': '2000' });
    const producer = await kafka.producer();
    const values = ['1', 'x'.repeat(5000), '3'];
    const sends = await Promise.allSettled(values.map((value) => producer.send({ topic, key: 'k', value })));
    expect(sends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((sends[1] as PromiseRejectedResult).reason).toBeInstanceOf(SendRefusedError);
    const [records] = await kafka.readBack(topic);
    expect(records?.map(({ value }) => String(value))).toEqual(['1', '3']);
  });

  it('refuses what names a topic or partition that does not exist', async () => {
    const producer = await kafka.producer();
    const topic = await kafka.topic();
    await expect(producer.send({ topic: 'there.is.none', key: 'k', value: '1' })).rejects.toThrow(
      SendRefusedError,
    );
    await expect(producer.send({ topic, key: 'k', value: '1', partition: 7 })).rejects.toThrow(
      SendRefusedError,
    );
    await expect(producer.send({ topic, key: 'k', value: '1' })).resolves.toMatchObject({ offset: 0 });
  });

  it('sends what is queued when it stops, and refuses what comes later', async () => {
    const topic = await kafka.topic();
    const producer = await kafka.producer();
    await producer.partitionCount(topic);
    const sends = Array.from({ length: 1000 }, (_, n) =>
      producer.send({ topic, key: 'k', value: String(n) }),
    );
    await Promise.resolve();
    await producer.stop();
    await Promise.all(sends);
    expect((await kafka.readBack(topic)).flat()).toHaveLength(1000);
    await expect(producer.send({ topic, key: 'k', value: 'late' })).rejects.toThrow(KafkaUnavailableError);
  });

  it('starts, and refuses sends retryably within its bound, where no broker has ever been', async () => {
    const config = testConfig({
      brokers: [`127.0.0.1:${await freePort()}`],
      sendTimeoutMs: 500,
      requestTimeoutMs: 300,
    });
    const producer = new ProducerService(config);
    await producer.start();
    const began = Date.now();
    const sent = producer.send({ topic: 'any', key: 'k', value: '1', partition: 0 });
    await expect(sent).rejects.toMatchObject({ code: 'kafka_unavailable', retryable: true });
    await expect(producer.send({ topic: 'any', key: 'k', value: '1' })).rejects.toThrow(
      KafkaUnavailableError,
    );
    expect(Date.now() - began).toBeLessThan(15_000);
    await producer.stop();
  });
});
