import { rootCertificates } from 'node:tls';
import { kafkaAccess, type KafkaAccess, topics } from '@maru/contracts';
import { kafkaConfig, kafkaConfigFrom, TopicsAdmin } from '@maru/kafka-client';
import { Scene } from './conversation/scene';
import { Outsider, type Verdict } from './secure-kafka/outsider';
import { apps, SecureKafka, startSecureMaru, type User } from './secure-kafka/secure-stack';
import { CommandStream } from './support/command-stream';
import type { Maru } from './support/maru';
import { until } from './support/until';

const allTopics = Object.values(topics);
const accessOf = (app: keyof typeof kafkaAccess): KafkaAccess => kafkaAccess[app];
const refused = 'TOPIC_AUTHORIZATION_FAILED';

let kafka: SecureKafka;
let maru: Maru;
let scene: Scene;
beforeAll(async () => {
  kafka = await SecureKafka.start();
  await kafka.aclsCommand('apply', 'admin');
  maru = await startSecureMaru(kafka);
  scene = new Scene(maru);
}, 300_000);
afterAll(async () => {
  scene.close();
  await maru.stop();
  await kafka.stop();
}, 60_000);

const admin = (user: User, settings: Record<string, string> = {}): TopicsAdmin => {
  const env = { ...kafka.env, ...kafka.logInOf(user), KAFKA_BROKERS: kafka.brokers.join(), ...settings };
  return new TopicsAdmin(kafkaConfigFrom(kafkaConfig.parse(env), 'e2e'));
};
const ended = async <T>(one: TopicsAdmin, work: Promise<T>): Promise<T> => work.finally(() => one.stop());

describe('a Kafka with TLS, a log-in for each app and access control', () => {
  it('lets the four apps do all they do, over https and wss', async () => {
    const [ann, bob] = [await scene.user('Ann'), await scene.user('Bob')];
    const roomId = await scene.room('private', ann, bob);
    const clients = [await scene.client(ann), await scene.client(bob)];
    const [one, two] = clients;
    expect(maru.urls[0]).toMatch(/^https:/);
    for (let turn = 0; turn < 10; turn++) {
      expect((await one?.send(roomId, `socket ${turn}`))?.kind).toBe('acked');
      expect((await two?.post(roomId, `REST ${turn}`))?.kind).toBe('acked');
    }
    expect(await two?.ask('typing', { roomId, typing: true })).toMatchObject({ ok: true });
    expect(await scene.verdict(ann, roomId, clients)).toEqual([]);
    const seq = one?.record.last(roomId);
    expect(await one?.ask('read', { roomId, seq })).toMatchObject({ ok: true });
    await until(
      'the room hears what was read',
      () => two?.record.signals.some(({ name }) => name === 'read') === true,
    );
    const { accessToken } = await maru.rest().logIn(ann.email, ann.password);
    const stream = await new CommandStream(maru.rest(), accessToken).open();
    for (const type of ['myRooms', 'myFriends', 'logOut']) {
      expect(await stream.reply(type, type)).toMatchObject({ ok: true });
    }
    stream.close();
    await maru.rest().logOut(bob.token, bob.refreshToken);
    await until('Bob is out everywhere', async () => {
      const { status } = await maru.rest().ask('GET', '/rooms', bob.token);
      return status === 401;
    });
  }, 60_000);

  it.each(apps)(
    'lets %s read what it needs and nothing else',
    async (app) => {
      const { reads, writes, ownGroups } = accessOf(app);
      const outsider = new Outsider(kafka, app);
      const verdicts: Record<string, Verdict> = {};
      for (const topic of allTopics) verdicts[topic] = await outsider.read(topic, `${ownGroups[0]}test`);
      expect(verdicts).toEqual(
        Object.fromEntries(allTopics.map((topic) => [topic, reads.includes(topic) ? 'allowed' : refused])),
      );
      // To whom Kafka does not show a group it tells no coordinator.
      expect(await outsider.read(reads[0] ?? '', 'group.of.somebody')).toBe(
        'KafkaJSGroupCoordinatorNotFound',
      );
      expect(writes.length).toBeGreaterThan(0);
    },
    60_000,
  );

  it.each(apps)(
    'lets %s write what it needs and nothing else',
    async (app) => {
      const { writes } = accessOf(app);
      const outsider = new Outsider(kafka, app);
      const verdicts: Record<string, Verdict> = {};
      for (const topic of allTopics) verdicts[topic] = await outsider.write(topic);
      expect(verdicts).toEqual(
        Object.fromEntries(allTopics.map((topic) => [topic, writes.includes(topic) ? 'allowed' : refused])),
      );
    },
    60_000,
  );

  it.each(apps)(
    'lets %s make and delete no topic, and say nothing about who may',
    async (app) => {
      const outsider = new Outsider(kafka, app);
      const make = outsider.administer((one) => one.createTopics({ topics: [{ topic: 'its.own' }] }));
      expect(await make).toBe(refused);
      const remove = outsider.administer((one) => one.deleteTopics({ topics: [topics.authEvents] }));
      expect(await remove).toBe(refused);
      expect(await kafka.aclsCommand('apply', app).catch(String)).toMatch(
        /does not let .* make one|AUTHORIZATION/i,
      );
    },
    60_000,
  );

  it('lets api-chat put aside what is no command, where the admin sees it', async () => {
    const one = admin('admin');
    await ended(
      one,
      until('the nonsense of the tests before lies on dead-letter.api-chat', async () => {
        const [end = 0] = await one.ends('dead-letter.api-chat');
        return end >= 2;
      }),
    );
  }, 30_000);

  it('names the topic and the remedy to who finds none and may make none', async () => {
    const one = admin('gateway');
    const missing = { name: 'its.own', partitions: 1, replicationFactor: 1, config: {} };
    await expect(ended(one, one.ensure([missing]))).rejects.toThrow(
      /Topic its\.own is not there.*does not let gateway.*Kafka with TLS and SCRAM/,
    );
  });

  it('lets nobody in with another password, without TLS, or when it knows another authority', async () => {
    const wrong = admin('gateway', { KAFKA_SASL_PASSWORD: 'a guess' });
    await expect(ended(wrong, wrong.clusterId())).rejects.toThrow(/KAFKA_SASL_PASSWORD/);
    const look = (one: Outsider): Promise<Verdict> => one.administer((asked) => asked.describeCluster());
    expect(await look(new Outsider(kafka, 'gateway'))).toBe('allowed');
    expect(await look(new Outsider(kafka, 'gateway', { ssl: false }))).not.toBe('allowed');
    expect(await look(new Outsider(kafka, 'gateway', { ssl: { ca: [rootCertificates[0] ?? ''] } }))).not.toBe(
      'allowed',
    );
  });

  it('prints for operators what it allows', async () => {
    const lines = (await kafka.aclsCommand('show', 'gateway')).trim().split('\n');
    expect(lines).toContain(
      '--add --allow-principal User:api-chat --operation Write --operation DescribeConfigs --topic chat.signals',
    );
    for (const line of lines)
      expect(line).toMatch(/^--add --allow-principal User:(api-\w+|gateway|router) --operation/);
  });
});
