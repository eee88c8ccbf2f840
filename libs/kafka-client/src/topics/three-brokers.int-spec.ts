import { type KafkaCluster, makeTempFolder, removeFolder, startKafka } from '@maru/stack';
import { randomName, testConfig } from '../testing/test-kafka';
import { pause } from '../time';
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
      (index) => new TopicsAdmin(testConfig({ brokers: [cluster.brokers[index] ?? ''] })),
    );
    await Promise.all([maker?.start(), late?.start()]);
    const name = randomName('new');
    cluster.nodes[2]?.kill('SIGSTOP');
    await maker?.ensure([{ name, partitions: 2, replicationFactor: 2, config: {} }]);
    const seen = late?.describeMade(name);
    cluster.nodes[2]?.kill('SIGCONT');
    const known = await maker?.describe(name);
    expect(known).toMatchObject({ partitions: 2, topicId: expect.stringMatching(/^[\w-]{22}$/) as string });
    expect(await seen).toEqual(known);
    await Promise.all([maker?.stop(), late?.stop()]);
  });

  it('finds the new leader of a partition when the one it knew says that it is none any more', async () => {
    const admin = new TopicsAdmin(testConfig({ brokers: cluster.brokers }));
    await admin.start();
    const name = randomName('moving');
    await admin.ensure([{ name, partitions: 3, replicationFactor: 3, config: {} }]);
    expect(await admin.ends(name)).toEqual([0, 0, 0]);
    // So long that its session ends and others lead; its connections stay.
    cluster.nodes[1]?.kill('SIGSTOP');
    await pause(6000);
    cluster.nodes[1]?.kill('SIGCONT');
    await pause(3000);
    expect(await admin.ends(name)).toEqual([0, 0, 0]);
    await admin.stop();
  });
});
