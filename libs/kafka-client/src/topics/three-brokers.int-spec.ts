import { readFileSync } from 'node:fs';
import path from 'node:path';
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
    const leader = cluster.nodes.find(({ id }) => id === activeController(folder));
    const hung = cluster.nodes.find(({ id }) => id !== leader?.id);
    if (!leader || !hung) throw new Error('three nodes without an active controller');
    const [maker, late] = [leader, hung].map(
      ({ address }) => new TopicsAdmin(testConfig({ brokers: [address], sendTimeoutMs: 30_000 })),
    );
    await Promise.all([maker?.start(), late?.start()]);
    const name = randomName('new');
    hung.kill('SIGSTOP');
    await maker?.ensure([{ name, partitions: 2, replicationFactor: 2, config: {} }]);
    const seen = late?.describeMade(name);
    seen?.catch(() => undefined); // awaited below, if the test gets there
    hung.kill('SIGCONT');
    const known = await maker?.describeMade(name);
    expect(known).toMatchObject({ partitions: 2, topicId: expect.stringMatching(/^[\w-]{22}$/) as string });
    expect(await seen).toEqual(known);
    await Promise.all([maker?.stop(), late?.stop()]);
  });
});

/** Its node id, from the disk of a node that follows it: Kafka names clients any broker as the controller.
 * It must not be the one that hangs, as brokers wait 30 s for its answer before they turn to another. */
function activeController(dataDir: string): number {
  const file = path.join(dataDir, 'node-1', 'data', '__cluster_metadata-0', 'quorum-state');
  return (JSON.parse(readFileSync(file, 'utf8')) as { leaderId: number }).leaderId;
}
