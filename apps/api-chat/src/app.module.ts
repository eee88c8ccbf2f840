import { type DynamicModule, Module, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { kafkaAccess, type TopicName, topics } from '@maru/contracts';
import {
  ConsumerService,
  KafkaModule,
  kafkaConfigFrom,
  type PartitionWorker,
  type RunningSubscription,
} from '@maru/kafka-client';
import { type Logger, ServiceKitModule, StoreModule, topicSpecs } from '@maru/service-kit';
import { Registry } from 'prom-client';
import { ArchiveModule } from './archive/archive.module';
import { CHAT_ENV, type ChatEnv } from './chat.config';
import { DevicesController } from './devices/devices.controller';
import { DevicesRepository } from './devices/devices.repository';
import { DoorService } from './door/door.service';
import { InternalController } from './internal/internal.controller';
import { MailboxController } from './mailbox/mailbox.controller';
import { MailboxRepository } from './mailbox/mailbox.repository';
import { MessageActionsController } from './messages/message-actions.controller';
import { MessagesController } from './messages/messages.controller';
import { MessagesRepository } from './messages/messages.repository';
import { MessagesService } from './messages/messages.service';
import { MutesController } from './notifications/mutes.controller';
import { MutesRepository } from './notifications/mutes.repository';
import { NotificationsController } from './notifications/notifications.controller';
import { NotificationsMetrics } from './notifications/notifications.metrics';
import { NotificationsRepository } from './notifications/notifications.repository';
import { NotificationsService } from './notifications/notifications.service';
import { QuietHoursRepository } from './notifications/quiet-hours.repository';
import { PresenceController } from './presence/presence.controller';
import { PresenceRepository } from './presence/presence.repository';
import { PresenceService } from './presence/presence.service';
import { ReadsRepository } from './reads/reads.repository';
import { readsGroup, ReadsService } from './reads/reads.service';
import { RetentionRepository } from './retention/retention.repository';
import { RetentionService } from './retention/retention.service';
import { RoomsController } from './rooms/rooms.controller';
import { RoomsMessagesController } from './rooms/rooms.messages.controller';
import { RoomsRepository } from './rooms/rooms.repository';
import { RoomsService } from './rooms/rooms.service';
import { ServerRoomsController } from './server/server-rooms.controller';
import { ServerRoomsService } from './server/server-rooms.service';
import { ForgettingService } from './store/forgetting.service';
import { migrations } from './store/migrations';
import { TopologyRepository } from './topology/topology.repository';
import { TopologyService } from './topology/topology.service';
import { BlocksRepository } from './users/blocks.repository';
import { UserDirectory } from './users/user-directory';
import { UsersEventsController } from './users/users.events.controller';
import { WebhookSender } from './webhooks/webhook.sender';
import { WebhooksMetrics } from './webhooks/webhooks.metrics';
import { WebhooksService } from './webhooks/webhooks.service';
import { ClaimService } from './writer/claim.service';
import { CommandReader } from './writer/command-reader';
import { EventsOfLog } from './writer/events-of-log';
import { RecallService } from './writer/recall.service';
import { EventPublisher } from './writer/event-publisher';
import { MAX_BATCH, writerGroup } from './writer/writer.config';
import { WriterMetrics } from './writer/writer.metrics';
import { WriterRepository } from './writer/writer.repository';
import { WriterService } from './writer/writer.service';

const app = 'api-chat';
const { reads, writes } = kafkaAccess[app];

/** api-chat: the writer beside the REST door and the history. */
@Module({})
export class AppModule implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly topology: TopologyService,
    private readonly writerRepository: WriterRepository,
    private readonly consumer: ConsumerService,
    private readonly writer: WriterService,
    private readonly writerMetrics: WriterMetrics,
    private readonly reads: ReadsService,
    private readonly presence: PresenceService,
    private readonly notifications: NotificationsService,
    private readonly webhooks: WebhooksService,
  ) {}

  static forRoot(env: ChatEnv, logger: Logger): DynamicModule {
    const registry = new Registry();
    return {
      module: AppModule,
      // What is imported first is closed last: the pool after Kafka, whose workers commit to the end.
      imports: [
        StoreModule.forRoot({ app, env, logger, migrations }),
        ArchiveModule.forRoot(env),
        KafkaModule.forRoot({
          config: kafkaConfigFrom(env, app),
          source: `/${app}`,
          logger,
          registry,
          requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
        }),
        ServiceKitModule.forRoot({
          app,
          env,
          logger,
          registry,
          topics: topicSpecs([...new Set([...reads, ...writes])], env),
        }),
      ],
      controllers: [
        ...[RoomsController, MessagesController, MessageActionsController, InternalController],
        ...[RoomsMessagesController, UsersEventsController, MutesController, MailboxController],
        ...[NotificationsController, DevicesController, PresenceController, ServerRoomsController],
      ],
      providers: [
        ...[RoomsService, RoomsRepository, MessagesService, MessagesRepository, DoorService, UserDirectory],
        ...[WriterService, ClaimService, WriterRepository, WriterMetrics, CommandReader, EventPublisher],
        ...[EventsOfLog, RecallService],
        ...[
          ReadsService,
          ReadsRepository,
          TopologyService,
          TopologyRepository,
          BlocksRepository,
          DevicesRepository,
        ],
        ...[PresenceRepository, PresenceService, MutesRepository, MailboxRepository],
        ...[QuietHoursRepository, ForgettingService, RetentionRepository, RetentionService],
        ...[NotificationsMetrics, NotificationsRepository, NotificationsService],
        ServerRoomsService,
        ...[WebhookSender, WebhooksMetrics, WebhooksService],
        { provide: CHAT_ENV, useValue: env },
        { provide: MAX_BATCH, useValue: env.WRITER_MAX_BATCH },
      ],
    };
  }

  async onModuleInit(): Promise<void> {
    this.writerRepository.writeFor(await this.topology.check());
  }

  /** All groups at once: after a crash each waits for its dead members' sessions to end. */
  async onApplicationBootstrap(): Promise<void> {
    await Promise.all([
      this.read(writerGroup, topics.chatCommands, (queue) => this.writer.write(queue)).then((running) =>
        this.writerMetrics.follow(running),
      ),
      this.read(readsGroup, topics.chatReads, (queue) => this.reads.work(queue)),
      this.presence.start(),
      this.notifications.start(),
      this.webhooks.start(),
    ]);
  }

  private read(group: string, topic: TopicName, worker: PartitionWorker): Promise<RunningSubscription> {
    return this.consumer.subscribe({ group, topics: [topic], fromBeginning: true, worker });
  }
}
