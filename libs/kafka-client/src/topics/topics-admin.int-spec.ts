import { TopicMismatchError } from '../errors';
import { TestKafka } from '../testing/test-kafka';
import { TopicsAdmin } from './topics-admin';

describe('TopicsAdmin', () => {
  const kafka = new TestKafka();
  afterAll(() => kafka.stop());
  const spec = (name: string) => ({
    name,
    partitions: 3,
    replicationFactor: 1,
    config: { 'retention.ms': '3600000', 'cleanup.policy': 'delete', 'min.insync.replicas': '1' },
  });

  it('makes what is missing, when several apps do so at once as well, and again without harm', async () => {
    const topics = [spec(`many.${Date.now()}`), spec(`more.${Date.now()}`)];
    const apps = [1, 2, 3].map(() => new TopicsAdmin(kafka.config));
    await Promise.all(apps.map((app) => app.ensure(topics)));
    await Promise.all(apps.map((app) => app.stop()));
    await kafka.admin.ensure(topics);
    const made = await kafka.admin.describe(topics[0]?.name ?? '');
    expect(made).toMatchObject({ partitions: 3, replicationFactor: 1 });
  });

  it('stops with a word that names every difference of an existing topic and the remedy', async () => {
    const topic = await kafka.topic(3, { 'retention.ms': '1000' });
    const ensured = kafka.admin.ensure([{ ...spec(topic), partitions: 5 }]);
    await expect(ensured).rejects.toThrow(TopicMismatchError);
    await expect(ensured).rejects.toThrow(/has 3 partitions, its configuration says 5/);
    await expect(ensured).rejects.toThrow(/retention\.ms=1000/);
  });

  it('says why a topic cannot be made', async () => {
    const impossible = { ...spec(`impossible.${Date.now()}`), replicationFactor: 3 };
    await expect(kafka.admin.ensure([impossible])).rejects.toThrow(/[Rr]eplication/);
  });

  it('knows where partitions begin and end, and which offset a time has', async () => {
    const topic = await kafka.topic(2);
    const producer = await kafka.producer();
    for (const value of ['1', '2', '3']) await producer.send({ topic, key: 'k', value, partition: 1 });
    expect(await kafka.admin.starts(topic)).toEqual([0, 0]);
    expect(await kafka.admin.ends(topic)).toEqual([0, 3]);
    expect(await kafka.admin.offsetsAt(topic, Date.now() - 60_000)).toEqual([0, 0]);
    expect(await kafka.admin.offsetsAt(topic, Date.now() + 60_000)).toEqual([0, 3]);
  });

  it('tells a topic that was made anew from the one it was, and names the cluster', async () => {
    const name = await kafka.topic();
    const first = await kafka.admin.describe(name);
    const other = await kafka.admin.describe(await kafka.topic());
    expect(first?.topicId).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(other?.topicId).not.toBe(first?.topicId);
    expect(await kafka.admin.clusterId()).toMatch(/^.{22}$/);
    expect(await kafka.admin.describe('there.is.none')).toBeUndefined();
  });
});
