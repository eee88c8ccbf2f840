import path from 'node:path';
import { freePort, type KafkaCluster, makeTempFolder, removeFolder, startKafka } from '@maru/stack';
import type { IncomingRecord } from '../records/record';
import { AnswerProxy, HEARTBEAT, JOIN_GROUP } from '../testing/answer-proxy';
import { randomName, TestKafka, testConfig, until } from '../testing/test-kafka';
import { pause } from '../time';

/** Kafka's error codes. */
const [coordinatorLoading, notCoordinator, unknownMember] = [14, 16, 25];

describe('on one broker behind a line that can be cut', () => {
  const folder = makeTempFolder('maru-broker-faults-');
  let cluster: KafkaCluster;
  let proxy: AnswerProxy;
  let kafka: TestKafka;
  const values = (records: IncomingRecord[]) => records.map(({ value }) => String(value));

  beforeAll(async () => {
    const [port, proxied] = [await freePort(), await freePort()];
    proxy = new AnswerProxy(() => port);
    await proxy.listen(proxied);
    cluster = await startKafka({
      nodes: 1,
      dataDir: path.join(folder, 'kafka'),
      ports: [port],
      settings: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxied}` },
    });
    kafka = new TestKafka(testConfig({ brokers: [`127.0.0.1:${proxied}`], requestTimeoutMs: 1000 }));
  });
  afterAll(async () => {
    await kafka.stop();
    await cluster.stop();
    await proxy.close();
    removeFolder(folder);
  });

  it('neither drops nor doubles a batch whose answer was lost', async () => {
    const topic = await kafka.topic(2);
    const producer = await kafka.producer();
    const wanted: string[] = [];
    for (let round = 0; round < 8; round++) {
      proxy.toLose = round % 3;
      const batch = Array.from({ length: 50 }, (_, at) => `${round}-${at}`);
      wanted.push(...batch);
      await Promise.all(batch.map((value) => producer.send({ topic, key: 'k', value, partition: 1 })));
    }
    expect(proxy.lost).toBeGreaterThanOrEqual(5);
    const [, records] = await kafka.readBack(topic);
    expect(values(records ?? [])).toEqual(wanted);
  });

  it('refuses sends retryably within a bound while the broker is away, and goes on in order when it is back', async () => {
    const topic = await kafka.topic();
    const producer = await kafka.producer({ sendTimeoutMs: 1500 });
    await producer.send({ topic, key: 'k', value: 'before' });
    cluster.nodes[0]?.kill('SIGSTOP');
    const began = Date.now();
    const first = producer.send({ topic, key: 'k', value: 'first' });
    await expect(first).rejects.toMatchObject({
      code: 'kafka_unavailable',
      retryable: true,
      outcomeUnknown: true,
    });
    expect(Date.now() - began).toBeLessThan(10_000);
    const again = Date.now();
    await expect(producer.send({ topic, key: 'k', value: 'later' })).rejects.toMatchObject({
      outcomeUnknown: false,
    });
    // At once, not after a time-out of its own.
    expect(Date.now() - again).toBeLessThan(1400);
    await pause(2000);
    cluster.nodes[0]?.kill('SIGCONT');
    await until('it is back', () =>
      producer.send({ topic, key: 'k', value: 'after' }).then(
        () => true,
        () => false,
      ),
    );
    await producer.send({ topic, key: 'k', value: 'end' });
    // What was on its way when the broker went silent is there once: its outcome was unknown. What was refused is not.
    expect(values((await kafka.readBack(topic)).flat())).toEqual(['before', 'first', 'after', 'end']);
  });

  it('sends what waited, once, after the broker was killed and started again; consumers go on as well', async () => {
    const topic = await kafka.topic();
    const producer = await kafka.producer({ sendTimeoutMs: 30_000 });
    const found: IncomingRecord[] = [];
    const group = randomName('g');
    await kafka.consumer({ sessionTimeoutMs: 2000 }).subscribe({
      group,
      topics: [topic],
      worker: async (queue) => {
        for (;;) {
          const records = await queue.next(100);
          found.push(...records);
          queue.commit((records.at(-1)?.offset ?? 0) + 1);
        }
      },
    });
    await producer.send({ topic, key: 'k', value: '0' });
    await until('it is read', () => found.length === 1);
    await until(
      'it is committed',
      async () => (await kafka.admin.committed(group, [topic]))[topic]?.[0] === 1,
    );
    cluster.nodes[0]?.kill('SIGKILL');
    const sends = [1, 2, 3].map((n) => producer.send({ topic, key: 'k', value: String(n) }));
    await pause(2000);
    await cluster.nodes[0]?.start();
    await Promise.all(sends);
    await until('all are read', () => found.length >= 4, 30_000);
    expect(values((await kafka.readBack(topic)).flat())).toEqual(['0', '1', '2', '3']);
    expect(values(found)).toEqual(['0', '1', '2', '3']);
  });

  it.each([
    ['the group’s new coordinator was', notCoordinator],
    ['a group that had forgotten its member was', unknownMember],
  ])('joins again and reads on when %s not ready to take members', async (_, error) => {
    const topic = await kafka.topic();
    const producer = await kafka.producer();
    const found: IncomingRecord[] = [];
    const joins = () => kafka.log.lines.filter(({ event }) => event === 'consumer.joined').length;
    const times = { heartbeatIntervalMs: 200, rebalanceTimeoutMs: 1000, requestTimeoutMs: 500 };
    const group = randomName('g');
    await kafka.consumer(times).subscribe({
      group,
      topics: [topic],
      worker: async (queue) => {
        for (;;) found.push(...(await queue.next(10)));
      },
    });
    const before = joins();
    proxy.toRefuse.push(
      { group, kind: HEARTBEAT, error },
      { group, kind: JOIN_GROUP, error: coordinatorLoading },
    );
    await until('it has joined again', () => joins() > before);
    await producer.send({ topic, key: 'k', value: 'after' });
    await until('it is read', () => values(found).includes('after'));
  });
});
