import { randomUUID } from 'node:crypto';
import {
  type GatewayAlive,
  gatewayAliveMs,
  type NotificationRequested,
  presenceKey,
  topics,
  type UserPresence,
} from '@maru/contracts';
import {
  cloudEventHeaders,
  ConsumerService,
  DeadLetters,
  type IncomingRecord,
  kafkaConfig,
  kafkaConfigFrom,
} from '@maru/kafka-client';
import { sql } from '@maru/postgres';
import { createLogger } from '@maru/service-kit';
import { Registry } from 'prom-client';
import { MutesRepository } from '../notifications/mutes.repository';
import { NotificationsMetrics } from '../notifications/notifications.metrics';
import { NotificationsRepository } from '../notifications/notifications.repository';
import { NotificationsService } from '../notifications/notifications.service';
import { PresenceRepository } from '../presence/presence.repository';
import { PresenceService } from '../presence/presence.service';
import { until } from './until';
import { WriterRig } from './writer-rig';

const partitions = 2;
const logger = createLogger('rig', 'silent');

/** What asks for notifications, beside a writer, with gateways that are spoken for by the test. */
export class NotificationsRig {
  readonly notified: { body: NotificationRequested; record: IncomingRecord }[] = [];
  readonly mutes: MutesRepository;
  readonly presence: PresenceRepository;
  private readonly living: NodeJS.Timeout[] = [];
  private asking: { consumer: ConsumerService; presence: PresenceService } | undefined;

  private constructor(
    readonly writer: WriterRig,
    private readonly reader: ConsumerService,
  ) {
    this.mutes = new MutesRepository(writer.store);
    this.presence = new PresenceRepository(writer.store);
  }

  static async start(): Promise<NotificationsRig> {
    const writer = await WriterRig.start(partitions);
    await writer.writer();
    const names = [topics.presence, topics.notifications];
    await writer.admin.ensure(names.map((name) => ({ name, partitions, replicationFactor: 1, config: {} })));
    const rig = new NotificationsRig(writer, new ConsumerService(configOf(writer)));
    await rig.begin();
    await rig.listen();
    return rig;
  }

  /** Starts what asks for notifications. */
  async begin(text: 'on' | 'off' = 'off'): Promise<void> {
    const { admin, producer, store } = this.writer;
    const config = configOf(this.writer);
    const consumer = new ConsumerService(config);
    const deadLetters = new DeadLetters({ config, producer, consumer, admin });
    const presence = new PresenceService(
      this.presence,
      consumer,
      producer,
      deadLetters,
      admin,
      config,
      logger,
    );
    const service = new NotificationsService(
      new NotificationsRepository(store, this.writer.history),
      consumer,
      producer,
      deadLetters,
      new NotificationsMetrics(new Registry()),
      config,
      { NOTIFICATIONS: 'on', NOTIFICATION_TEXT: text },
      logger,
      presence,
    );
    await Promise.all([presence.start(), service.start()]);
    this.asking = { consumer, presence };
  }

  async end(): Promise<void> {
    this.asking?.presence.onModuleDestroy();
    await this.asking?.consumer.stop();
  }

  async stop(): Promise<void> {
    for (const timer of this.living) clearInterval(timer);
    await this.end();
    await this.reader.stop();
    await this.writer.stopWriters();
    await this.writer.stop();
  }

  /** A private room of these, the first its owner; at most 101. */
  async room(owner: string, ...memberIds: string[]): Promise<string> {
    const roomId = randomUUID();
    const reply = await this.writer.ask({
      ...{ type: 'createRoom', roomId, userId: owner, id: roomId, name: 'Room', visibility: 'public' },
      memberIds,
    });
    if (!reply.ok) throw new Error(reply.error.message);
    return roomId;
  }

  /** @returns its seq. */
  async say(
    roomId: string,
    userId: string,
    text: string,
    metadata: Record<string, unknown> = {},
    mentions: string[] = [],
  ) {
    const id = randomUUID();
    const reply = await this.writer.ask({
      type: 'sendMessage',
      roomId,
      userId,
      id,
      text,
      kind: 'text',
      metadata,
      mentions,
    });
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.seq;
  }

  /** A gateway that goes on telling that it is there. */
  async livingGateway(): Promise<string> {
    const gatewayId = randomUUID();
    await this.gateway(gatewayId);
    this.living.push(setInterval(() => void this.gateway(gatewayId), gatewayAliveMs));
    return gatewayId;
  }

  /** A gateway tells once that it is there, or, with null, that it has ended. */
  async gateway(gatewayId: string, given: number[] | null = []): Promise<void> {
    const body: GatewayAlive | null = given && { gatewayId, given, at: new Date().toISOString() };
    await this.tell('gateway.alive', gatewayId, gatewayId, body);
  }

  async user(
    userId: string,
    gatewayId: string,
    online: boolean,
    given: number[] = [],
    away = false,
  ): Promise<void> {
    const body: UserPresence = { userId, gatewayId, online, away, given, at: new Date().toISOString() };
    await this.tell(online ? 'user.online' : 'user.offline', userId, presenceKey(body), body);
  }

  /** Where the writers are: what a gateway has given that has given all. */
  async heads(): Promise<number[]> {
    const { rows } = await sql<{ next: string }>`
      select coalesce(next_offset, 0) as next from generate_series(0, ${partitions - 1}) n
        left join partitions p on p.partition = n order by n`.execute(this.writer.store);
    return rows.map(({ next }) => Number(next));
  }

  /** What a user was notified of, as `room/seq`. */
  of(userId: string): NotificationRequested[] {
    return this.notified.map(({ body }) => body).filter((body) => body.userId === userId);
  }

  until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    return until(isSo, () => JSON.stringify(this.notified.map(({ body }) => body)));
  }

  private async tell(type: string, place: string, key: string, body: object | null): Promise<void> {
    const { producer } = this.writer;
    await producer.send({
      topic: topics.presence,
      partition: await producer.partitionFor(topics.presence, place),
      key,
      value: body && JSON.stringify(body),
      headers: cloudEventHeaders({ type, source: '/rig', id: randomUUID() }),
    });
  }

  private async listen(): Promise<void> {
    await this.reader.subscribe({
      group: `reader-${randomUUID()}`,
      topics: [topics.notifications],
      fromBeginning: true,
      worker: async (queue) => {
        for (;;) {
          for (const record of await queue.next(100)) {
            const body = JSON.parse(record.value?.toString() ?? '') as NotificationRequested;
            this.notified.push({ body, record });
          }
        }
      },
    });
  }
}

const configOf = ({ kafka }: WriterRig) =>
  kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: kafka.brokers.join(',') }), 'notifications');
