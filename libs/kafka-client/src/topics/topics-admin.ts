import { type Admin, KafkaJSSASLAuthenticationError } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.config';
import { KafkaError, KafkaUnavailableError, TopicMismatchError } from '../errors';
import { brokerErrorType, kafkaClient, rootCause } from '../kafkajs/client';
import { silentLogger } from '../logger';
import { backOff, pause } from '../time';
import type { KafkaTools } from '../tools';
import { type Acl, aclEntries } from './acls';
import { differences, readConfig } from './differences';
import { SharedAdmin } from './shared-admin';
import { topicIdOf } from './topic-id';
import type { TopicDescription, TopicShape, TopicSpec } from './topic-spec';

const noTopic = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED']);

/** Asks about topics, makes them, and says who may use them. Every call is tried for as long as a send is, then throws `KafkaUnavailableError`. */
export class TopicsAdmin {
  private readonly admin: SharedAdmin;
  private readonly stopped = new AbortController();

  constructor(
    private readonly config: KafkaConfig,
    private readonly tools: KafkaTools = {},
  ) {
    this.admin = new SharedAdmin(() => kafkaClient(config, 'admin', tools.logger ?? silentLogger).admin());
  }

  async start(): Promise<void> {
    await this.ask('connect', async () => undefined);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.admin.stop();
  }

  /** Makes what is missing; several apps may do so at once. Throws `TopicMismatchError`, which names every
   * difference and the remedy, when one exists and is not as described. */
  async ensure(topics: TopicSpec[]): Promise<void> {
    await Promise.all(topics.map((topic) => this.make(topic)));
    const wrong = (await Promise.all(topics.map((topic) => this.compare(topic)))).flat();
    if (wrong.length > 0) throw new TopicMismatchError(wrong.join('\n'));
  }

  async exists(topic: string): Promise<boolean> {
    return (await this.metadata(topic)) !== undefined;
  }

  async describe(topic: string): Promise<TopicDescription | undefined> {
    const found = await this.metadata(topic);
    if (!found) return undefined;
    return { ...found, topicId: await this.topicId(topic) };
  }

  /** The same of a topic that was made: a broker may learn of it a little later than its controller, and is waited for. */
  async describeMade(topic: string): Promise<TopicDescription> {
    return { ...(await this.made(topic)), topicId: await this.topicId(topic) };
  }

  async clusterId(): Promise<string> {
    const { clusterId } = await this.ask('describe cluster', (admin) => admin.describeCluster());
    return clusterId;
  }

  /** Each partition's end, by partition number: the offset that its next record gets. */
  async ends(topic: string): Promise<number[]> {
    return (await this.ranges(topic)).map(({ end }) => end);
  }

  /** Each partition's first offset that is still kept, by partition number. */
  async starts(topic: string): Promise<number[]> {
    return (await this.ranges(topic)).map(({ start }) => start);
  }

  /** Both, as of one moment. */
  async ranges(topic: string): Promise<{ start: number; end: number }[]> {
    const offsets = await this.ask('offsets', (admin) => admin.fetchTopicOffsets(topic));
    return byPartition(offsets).map(({ low, high }) => ({ start: Number(low), end: Number(high) }));
  }

  /** Each partition's first offset whose record is not older than `timestamp` (ms); its end when there is none. */
  async offsetsAt(topic: string, timestamp: number): Promise<number[]> {
    const at = await this.ask('offsets by time', (admin) =>
      admin.fetchTopicOffsetsByTimestamp(topic, timestamp),
    );
    return byPartition(at).map(({ offset }) => Number(offset));
  }

  /** What a group has committed, by topic and partition; undefined where it has nothing. */
  async committed(group: string, topics: string[]): Promise<Record<string, (number | undefined)[]>> {
    const found = await this.ask('group offsets', (admin) => admin.fetchOffsets({ groupId: group, topics }));
    const result: Record<string, (number | undefined)[]> = {};
    for (const { topic, partitions } of found) {
      const list: (number | undefined)[] = [];
      for (const { partition, offset } of partitions)
        if (Number(offset) >= 0) list[partition] = Number(offset);
      result[topic] = list;
    }
    return result;
  }

  /** The groups that have members now, as far as this user may see groups. */
  groupsInUse(): Promise<string[]> {
    return this.ask('groups', async (admin) => {
      const { groups } = await admin.listGroups();
      if (groups.length === 0) return [];
      const found = await admin.describeGroups(groups.map(({ groupId }) => groupId));
      return found.groups.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId);
    });
  }

  /** Puts a group without members to these offsets, by partition; it stays where it is in those that are left out. */
  async place(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await this.ask('place group', (admin) => admin.setOffsets({ groupId: group, topic, partitions }));
  }

  /** Adds partitions until the topic has so many. Records stay where they are, while keys get other partitions. */
  async grow(topic: string, partitions: number): Promise<void> {
    await this.ask(`grow ${topic}`, async (admin) => {
      const has = (await this.metadata(topic))?.partitions ?? 0;
      if (has >= partitions) return;
      await admin
        .createPartitions({ topicPartitions: [{ topic, count: partitions }] })
        .catch((error: unknown) => {
          // It has them already, only the broker that was asked does not know yet.
          if (brokerErrorType(error) !== 'INVALID_PARTITIONS') throw error;
        });
      throw new KafkaUnavailableError(`the new partitions of ${topic} cannot be seen yet`);
    });
  }

  /** Makes a topic when it is missing, and leaves it as it is when it is there: then a user who may make none can start. */
  async make(topic: TopicSpec): Promise<void> {
    if (await this.exists(topic.name)) return;
    try {
      await this.create(topic);
    } catch (error) {
      if (brokerErrorType(error) !== 'TOPIC_AUTHORIZATION_FAILED') throw error;
      const user = this.config.sasl?.username ?? 'this app';
      throw new TopicMismatchError(
        `Topic ${topic.name} is not there, or Kafka does not let ${user} see it, and does not let it make one. ` +
          'Make topics and ACLs as a user who may: see "Kafka with TLS and SCRAM" in docs/operate.md.',
      );
    }
  }

  /** Allows what the list says, on top of what is allowed already. */
  async allow(acls: Acl[]): Promise<void> {
    const acl = acls.flatMap(aclEntries);
    await this.ask('create ACLs', (admin) => admin.createAcls({ acl }));
  }

  private create(topic: TopicSpec): Promise<void> {
    return this.ask(`create topic ${topic.name}`, async (admin) => {
      const configEntries = Object.entries(topic.config).map(([name, value]) => ({ name, value }));
      const { name, partitions: numPartitions, replicationFactor } = topic;
      await admin.createTopics({
        topics: [{ topic: name, numPartitions, replicationFactor, configEntries }],
        waitForLeaders: true,
      });
    });
  }

  /** Asked again until the broker that answers knows of it. */
  private made(topic: string): Promise<TopicShape> {
    return this.ask('see topic', async () => {
      const seen = await this.metadata(topic);
      if (!seen) throw new KafkaUnavailableError(`the topic ${topic} was made but cannot be seen yet`);
      return seen;
    });
  }

  private topicId(topic: string): Promise<string> {
    return this.ask('topic id', async () => {
      const id = await topicIdOf(this.config, topic, this.tools.logger ?? silentLogger);
      if (id === undefined) throw new KafkaUnavailableError(`the id of ${topic} is not known yet`);
      return id;
    });
  }

  private async compare(spec: TopicSpec): Promise<string[]> {
    const found = await this.made(spec.name);
    const config = await this.ask('describe topic', (admin) => readConfig(admin, spec));
    return differences(spec, found, config);
  }

  private metadata(topic: string): Promise<TopicShape | undefined> {
    return this.ask('topic metadata', async (admin) => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        const partitions = topics[0]?.partitions ?? [];
        const replicationFactor = partitions[0]?.replicas.length ?? 0;
        return { name: topic, partitions: partitions.length, replicationFactor };
      } catch (error) {
        // To whom Kafka does not show a topic there is none.
        if (noTopic.has(brokerErrorType(error) ?? '')) return undefined;
        throw error;
      }
    });
  }

  /** Connects when needed and tries again on what passes, on a new connection. */
  private async ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.config.sendTimeoutMs;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.admin.use(question);
      } catch (error) {
        const type = brokerErrorType(error);
        const root = rootCause(error);
        if (root instanceof KafkaJSSASLAuthenticationError) {
          const remedy = 'look at KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD';
          throw new KafkaError('refused', `${what}: ${root.message}; ${remedy}`, false, { cause: error });
        }
        const passes = !(root instanceof Error) || !('retriable' in root) || root.retriable === true;
        if (type !== undefined && !passes)
          throw new KafkaError('refused', `${what}: ${root.message}`, false, { cause: error });
        if (Date.now() > deadline || this.stopped.signal.aborted) {
          const why = root instanceof Error ? `: ${root.message}` : '';
          throw new KafkaUnavailableError(`${what}: the broker has not answered in time${why}`, error);
        }
        await pause(backOff(attempt, 50, 1000), this.stopped.signal);
      }
    }
  }
}

function byPartition<T extends { partition: number }>(list: T[]): T[] {
  return [...list].sort((a, b) => a.partition - b.partition);
}
