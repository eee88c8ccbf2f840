import { readFileSync } from 'node:fs';
import path from 'node:path';
// A client nobody here wrote looks at the broker from outside; the lib itself has none.
// eslint-disable-next-line no-restricted-imports
import { Kafka, logLevel } from 'kafkajs';
import { makeTempFolder, removeFolder } from '../folders';
import { isGone, until } from '../testing/until';
import { type KafkaCluster, startKafka } from './cluster';
import { askBroker } from './probe';

describe('Kafka on one machine', () => {
  let folder: string;
  let cluster: KafkaCluster | undefined;
  beforeEach(() => {
    folder = makeTempFolder();
  });
  afterEach(async () => {
    await cluster?.stop();
    removeFolder(folder);
  });

  const start = async (nodes: 1 | 3) =>
    (cluster = await startKafka({ nodes, dataDir: path.join(folder, 'kafka') }));
  const client = () =>
    new Kafka({ brokers: cluster?.brokers ?? [], logLevel: logLevel.NOTHING, retry: { retries: 3 } });

  async function write(topic: string, values: string[]): Promise<void> {
    const producer = client().producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ value })) });
    await producer.disconnect();
  }

  async function read(topic: string, count: number): Promise<string[]> {
    const consumer = client().consumer({ groupId: `read-${Date.now()}` });
    const values: string[] = [];
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void values.push(String(message.value)) });
    await until(() => values.length >= count, 20_000);
    await consumer.disconnect();
    return values;
  }

  async function createTopic(topic: string): Promise<void> {
    const admin = client().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
  }

  it('keeps its records over SIGKILL and over a stop, under the same cluster id and address', async () => {
    const first = await start(1);
    await createTopic('kept');
    await write('kept', ['one']);
    const { pid = 0, address } = first.nodes[0] ?? {};
    first.nodes[0]?.kill('SIGKILL');
    await until(() => isGone(pid));
    await first.nodes[0]?.start();
    await write('kept', ['two']);
    expect(first.nodes[0]?.address).toBe(address);
    await first.stop();

    const second = await start(1);
    expect(second.clusterId).toBe(first.clusterId);
    expect(await read('kept', 2)).toEqual(['one', 'two']);
  }, 90_000);

  it('starts with the classes of an earlier run, mapped into its memory', async () => {
    const [node] = (await start(1)).nodes;
    expect(readFileSync(`/proc/${node?.pid ?? 0}/maps`, 'utf8')).toMatch(/kafka-\w+\/classes-\w+\.jsa$/m);
  });

  it('makes no topic that nobody asked for', async () => {
    await start(1);
    await expect(write('a-typo', ['one'])).rejects.toThrow();
  });

  it('takes writes with one of three brokers dead', async () => {
    const { nodes } = await start(3);
    await createTopic('copied');
    const first = nodes[0]?.address ?? '';
    expect((await askBroker(first)).brokerIds.sort()).toEqual([1, 2, 3]);
    nodes[2]?.kill('SIGKILL');
    await until(async () => (await askBroker(first)).brokerIds.length === 2, 20_000);
    await write('copied', ['one']);
    await nodes[2]?.start();
    expect(await read('copied', 1)).toEqual(['one']);
  }, 120_000);

  it('says why it does not start, and leaves no process', async () => {
    const first = await start(1);
    const taken = Number(first.brokers[0]?.split(':')[1]);
    const options = { nodes: 1 as const, dataDir: path.join(folder, 'second'), ports: [taken] };
    await expect(startKafka(options)).rejects.toThrow(
      /kafka ended with code 1[^]*failed to bind to 127.0.0.1/,
    );
  });
});
