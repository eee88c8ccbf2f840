import { randomUUID } from 'node:crypto';
import { type Command, type CommandReply, type RoomEvent, topics } from '@maru/contracts';
import {
  ConsumerService,
  DeadLetters,
  type IncomingRecord,
  kafkaConfig,
  kafkaConfigFrom,
  ProducerService,
  ReplyService,
  RequestClient,
  TopicsAdmin,
} from '@maru/kafka-client';
import { ensureDatabase, type Kysely, migrate, openDatabase } from '@maru/postgres';
import { createLogger } from '@maru/service-kit';
import { type KafkaCluster, makeTempFolder, removeFolder, startKafka } from '@maru/stack';
// Nothing of ours deletes records.
// eslint-disable-next-line no-restricted-imports
import { Kafka, logLevel } from 'kafkajs';
import { Registry } from 'prom-client';
import { type EventBodies } from '../archive/event-bodies';
import { History } from '../archive/history';
import { migrations } from '../store/migrations';
import { TopologyRepository } from '../topology/topology.repository';
import { TopologyService } from '../topology/topology.service';
import { ClaimService } from '../writer/claim.service';
import { CommandReader } from '../writer/command-reader';
import { EventPublisher } from '../writer/event-publisher';
import { writerGroup } from '../writer/writer.config';
import { EventsOfLog } from '../writer/events-of-log';
import { RecallService } from '../writer/recall.service';
import { WriterMetrics } from '../writer/writer.metrics';
import { WriterRepository } from '../writer/writer.repository';
import { WriterService } from '../writer/writer.service';

/** One process's worth of writer. */
export interface RunningWriter {
  metrics: WriterMetrics;
  /** What it had to be started again for. */
  failures: Error[];
  stop(): Promise<void>;
}

export interface WriterParts {
  repository?: typeof WriterRepository;
  publisher?: typeof EventPublisher;
  log?: typeof EventsOfLog;
  maxBatch?: number;
  archive?: EventBodies;
}

/** Writers on a broker and a database of their own, and a door to talk to them. */
export class WriterRig {
  private readonly stops: (() => Promise<void>)[] = [];
  private writers: RunningWriter[] = [];

  private constructor(
    readonly kafka: KafkaCluster,
    readonly url: string,
    readonly store: Kysely<never>,
    readonly admin: TopicsAdmin,
    public producer: ProducerService,
    public door: RequestClient,
    readonly deadLetters: DeadLetters,
    private readonly consumer: ConsumerService,
  ) {}

  /** Of a Maru without an archive. */
  readonly history = new History(undefined);

  /** On the database at `url`, or on a new one of the shared server; `keptMs`: how long a topic keeps what lies there. */
  static async start(
    partitions: number,
    url = newDatabase(),
    keptMs: Record<string, number> = {},
  ): Promise<WriterRig> {
    const folder = makeTempFolder();
    const settings = { 'log.initial.task.delay.ms': '0', 'log.retention.check.interval.ms': '300' };
    const kafka = await startKafka({
      nodes: 1,
      dataDir: folder,
      settings,
    });
    const config = configOf(kafka, 'rig');
    const admin = new TopicsAdmin(config);
    await admin.start();
    const topicConfig = { 'message.timestamp.type': 'LogAppendTime' };
    const names = [topics.chatCommands, topics.chatEvents, topics.replies];
    await admin.ensure(
      names.map((name) => ({
        ...{ name, partitions, replicationFactor: 1 },
        config: {
          ...topicConfig,
          ...(keptMs[name] !== undefined && { 'retention.ms': String(keptMs[name]) }),
        },
      })),
    );
    await ensureDatabase(url);
    const store = openDatabase<never>({
      url,
      poolSize: 5,
      statementTimeoutMs: 10_000,
      applicationName: 'rig',
    });
    await migrate(store, migrations);
    const producer = new ProducerService(config);
    await producer.start();
    const consumer = new ConsumerService(config);
    const door = new RequestClient(producer, consumer, { source: '/rig', timeoutMs: 30_000 });
    await door.start();
    const deadLetters = new DeadLetters({ config, producer, consumer, admin });
    const rig = new WriterRig(kafka, url, store, admin, producer, door, deadLetters, consumer);
    rig.stops.push(
      () => Promise.resolve(removeFolder(folder)),
      () => kafka.stop(),
      () => store.destroy(),
      () => admin.stop(),
      () => rig.producer.stop(),
      () => consumer.stop(),
      () => rig.closeDoor(),
    );
    return rig;
  }

  /** Nobody asks any more. */
  async closeDoor(): Promise<void> {
    await this.door.stop();
    await this.producer.stop();
  }

  /** A door that has met the topics as they are now. */
  async openDoor(): Promise<void> {
    this.producer = new ProducerService(configOf(this.kafka, 'rig'));
    await this.producer.start();
    this.door = new RequestClient(this.producer, this.consumer, { source: '/rig', timeoutMs: 30_000 });
    await this.door.start();
  }

  /** `repository` and `publisher` stand in where a test breaks connections at a step of its choice. */
  async writer(parts: WriterParts = {}): Promise<RunningWriter> {
    const config = configOf(this.kafka, `writer-${this.writers.length}`);
    const producer = new ProducerService(config);
    await producer.start();
    const consumer = new ConsumerService(config);
    const replies = new ReplyService(producer);
    const metrics = new WriterMetrics(new Registry());
    const failures: Error[] = [];
    const warn = ({ err }: { err?: Error }): void => void (err && failures.push(err));
    const logger = Object.assign(createLogger('writer', 'silent'), { warn });
    const maxBatch = parts.maxBatch ?? 1000;
    const repository = new (parts.repository ?? WriterRepository)(this.store, new History(parts.archive));
    const topology = new TopologyService(new TopologyRepository(this.store, this.history), this.admin);
    repository.writeFor(await topology.check());
    const publisher = new (parts.publisher ?? EventPublisher)(producer, replies, logger);
    const reader = new CommandReader(producer, replies, this.deadLetters);
    const log = new (parts.log ?? EventsOfLog)(consumer, this.admin, repository);
    const recalls = new RecallService(log, repository, metrics, logger);
    const claims = new ClaimService(
      ...([repository, reader, publisher, recalls, this.admin, metrics, logger, maxBatch] as const),
    );
    const service = new WriterService(
      ...([repository, reader, publisher, claims, recalls, metrics, logger, maxBatch] as const),
    );
    const worker = service.write.bind(service);
    const running = await consumer.subscribe({
      group: writerGroup,
      topics: [topics.chatCommands],
      fromBeginning: true,
      worker,
    });
    metrics.follow(running);
    let stopped: Promise<void> | undefined;
    const writer = {
      metrics,
      failures,
      stop: () => (stopped ??= consumer.stop().then(() => producer.stop())),
    };
    this.writers.push(writer);
    return writer;
  }

  async stopWriters(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.stop()));
    this.writers = [];
  }

  /** As a broker does with what is older than it keeps: those below the offset. */
  async deleteCommands(partition: number, below: number): Promise<void> {
    const admin = new Kafka({ brokers: this.kafka.brokers, logLevel: logLevel.NOTHING }).admin();
    const [topic, partitions] = [topics.chatCommands, [{ partition, offset: String(below) }]];
    await admin.connect();
    try {
      await admin.fetchTopicOffsets(topic); // it knows no topic before
      await admin.deleteTopicRecords({ topic, partitions });
    } finally {
      await admin.disconnect();
    }
  }

  ask(command: Command): Promise<CommandReply> {
    const { roomId: key, type } = command;
    return this.door.request<CommandReply>({
      topic: topics.chatCommands,
      key,
      type,
      value: JSON.stringify(command),
    });
  }

  /** A public room of `owner`. */
  async makeRoom(owner: string): Promise<string> {
    const roomId = randomUUID();
    const reply = await this.ask({
      type: 'createRoom',
      roomId,
      userId: owner,
      id: roomId,
      name: 'r',
      visibility: 'public',
      memberIds: [],
    });
    if (!reply.ok) throw new Error(reply.error.message);
    return roomId;
  }

  /** Everything on `chat.events` now, as it lies there, repeats included. */
  async eventsOnLog(): Promise<RoomEvent[]> {
    return (await this.recordsOnLog()).map(({ value }) => JSON.parse(value?.toString() ?? '') as RoomEvent);
  }

  /** The same with their headers. */
  async recordsOnLog(): Promise<IncomingRecord[]> {
    const ends = await this.admin.ends(topics.chatEvents);
    const seen: IncomingRecord[] = [];
    const open = new Set(ends.flatMap((end, partition) => (end > 0 ? [partition] : [])));
    if (open.size === 0) return seen;
    const { promise, resolve } = Promise.withResolvers<void>();
    const reading = await this.consumer.subscribe({
      group: `reader-${randomUUID()}`,
      topics: [topics.chatEvents],
      worker: async (queue) => {
        queue.seek(0);
        while (!queue.signal.aborted) {
          const records = await queue.next(1000);
          seen.push(...records);
          if ((records.at(-1)?.offset ?? 0) + 1 >= (ends[queue.partition] ?? 0)) open.delete(queue.partition);
          if (open.size === 0) resolve();
        }
      },
    });
    await promise;
    await reading.stop();
    return seen;
  }

  async stop(): Promise<void> {
    for (const stop of this.stops.reverse()) await stop();
  }
}

const configOf = (kafka: KafkaCluster, clientId: string) =>
  kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: kafka.brokers.join(',') }), clientId);

const newDatabase = (): string =>
  Object.assign(new URL(process.env['DATABASE_URL'] ?? ''), { pathname: `/writer_${Date.now()}` }).href;
