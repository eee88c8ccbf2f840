import { type KafkaCluster, makeTempFolder, removeFolder, startKafka } from '@maru/stack';
import { randomName, testConfig } from '../testing/test-kafka';
import { TopicsAdmin } from './topics-admin';

describe('TopicsAdmin on three brokers', () => {
  const folder = makeTempFolder('maru-new-topics-');
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka({ nodes: 3, dataDir: folder });
  });
  afterAll(async () => {
    await cluster.stop();
    removeFolder(folder);
  });

  it('waits for a topic that was just made, with its id, where the broker that is asked has not heard of it', async () => {
    const [maker, late] = [0, 2].map(
      (index) =>
        new TopicsAdmin(testConfig({ brokers: [cluster.brokers[index] ?? ''], sendTimeoutMs: 30_000 })),
    );
    await Promise.all([maker?.start(), late?.start()]);
    const name = randomName('new');
    cluster.nodes[2]?.kill('SIGSTOP');
    await maker?.ensure([{ name, partitions: 2, replicationFactor: 2, config: {} }]);
    const seen = late?.describeMade(name);
    seen?.catch(() => undefined); // awaited below, if the test gets there
    cluster.nodes[2]?.kill('SIGCONT');
    const known = await maker?.describeMade(name);
    expect(known).toMatchObject({ partitions: 2, topicId: expect.stringMatching(/^[\w-]{22}$/) as string });
    expect(await seen).toEqual(known);
    await Promise.all([maker?.stop(), late?.stop()]);
  });
});
