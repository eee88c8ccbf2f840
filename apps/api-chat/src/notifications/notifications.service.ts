import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  mentions as mentionsContract,
  type Message,
  message as messageContract,
  type NotificationRequested,
  notifiedForMs,
  topics,
} from '@maru/contracts';
import {
  cloudEventHeaders,
  ConsumerService,
  DeadLetters,
  type IncomingRecord,
  InvalidRecordError,
  KAFKA_CONFIG,
  type KafkaConfig,
  ProducerService,
  recordWorker,
  type Trace,
  traceOf,
} from '@maru/kafka-client';
import type { Transaction } from '@maru/postgres';
import { LOGGER, type Logger } from '@maru/service-kit';
import { CHAT_ENV, type ChatEnv } from '../chat.config';
import { PresenceService } from '../presence/presence.service';
import { NotificationsMetrics } from './notifications.metrics';
import { type Heard, NotificationsRepository } from './notifications.repository';

export const notificationsGroup = 'api-chat-notifications';

/**
 * Asks for notifications, one per message and user. They are on the log before it is kept that they were asked for:
 * after a crash some come again, with the same `ce_id`, and none is missing.
 */
@Injectable()
export class NotificationsService {
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly repository: NotificationsRepository,
    private readonly consumer: ConsumerService,
    private readonly producer: ProducerService,
    private readonly deadLetters: DeadLetters,
    private readonly metrics: NotificationsMetrics,
    @Inject(KAFKA_CONFIG) private readonly config: Pick<KafkaConfig, 'retry'>,
    @Inject(CHAT_ENV) private readonly env: Pick<ChatEnv, 'NOTIFICATIONS' | 'NOTIFICATION_TEXT'>,
    @Inject(LOGGER) private readonly logger: Logger,
    presence: PresenceService,
  ) {
    presence.onAway = () => this.sweep();
  }

  /** A new group begins at the log's end: of what was said before there was anybody to tell, nobody is told. */
  async start(): Promise<void> {
    if (this.env.NOTIFICATIONS === 'off') return;
    await this.consumer.subscribe({
      group: notificationsGroup,
      topics: [topics.chatEvents],
      fromBeginning: false,
      gatherBytes,
      worker: recordWorker({
        group: notificationsGroup,
        retry: this.config.retry,
        deadLetters: this.deadLetters,
        logger: this.logger,
        batchSize,
        filter: ({ headers, timestamp }) => headers['ce_type'] === 'message' && isFresh(timestamp),
        handleBatch: async (records) => {
          await this.hear(records.map(messageOf));
          // One statement a message would cost the store as much as the message itself.
          if (records.length < batchSize / 2) await delay(gatherMs);
        },
      }),
    });
  }

  /** What came while somebody was taken to be connected, and was not. */
  sweep(): void {
    if (this.env.NOTIFICATIONS === 'off') return;
    this.sweeping ??= this.sweepAll()
      .catch((error: unknown) => this.logger.warn({ event: 'sweep_failed', err: error }))
      .finally(() => (this.sweeping = undefined));
  }

  private async hear(heard: readonly Heard[]): Promise<void> {
    const fresh = heard.filter(({ message }) => isFresh(Date.parse(message.createdAt)));
    if (fresh.length > 0) await this.repository.inTransaction((trx) => this.ask(trx, fresh));
  }

  private async sweepAll(): Promise<void> {
    const sweepOne = (): Promise<boolean> =>
      this.repository.inTransaction(async (trx) => {
        const one = await this.repository.unswept(trx);
        const messages = (one?.messages ?? []).map((body) => heardOf(JSON.parse(body) as Message));
        const fresh = messages.filter(({ message }) => isFresh(Date.parse(message.createdAt)));
        if (one !== undefined && fresh.length > 0) await this.ask(trx, fresh, one.userId);
        return one !== undefined;
      });
    while (await sweepOne());
  }

  private async ask(trx: Transaction<never>, heard: readonly Heard[], only?: string): Promise<void> {
    const byPlace = new Map(heard.map((one) => [placeOf(one.message), one]));
    const requested = await this.repository.request(trx, heard, only);
    await Promise.all(
      requested.map(async ({ userId, roomName, unread, ...place }) => {
        const { message, mentions, trace } = byPlace.get(placeOf(place)) as Heard;
        const { roomId, seq, id: messageId, senderId, kind, createdAt: at } = message;
        const mention = mentions.includes(userId);
        const body = {
          ...{ userId, roomId, seq, messageId, senderId, roomName, kind, mention, unread, at },
          ...(this.env.NOTIFICATION_TEXT === 'on' && { text: message.text }),
        };
        await this.tell(body, trace);
        this.metrics.requested.inc({ reason: mention ? 'mention' : 'message' });
      }),
    );
  }

  private async tell(body: NotificationRequested, trace: Trace | undefined): Promise<void> {
    const { userId: key, roomId, seq, at } = body;
    await this.producer.send({
      topic: topics.notifications,
      key,
      trace,
      value: JSON.stringify(body),
      headers: cloudEventHeaders({
        type: 'notification.requested',
        source: '/api-chat',
        id: `${key}/${roomId}/${seq}`,
        time: at,
      }),
    });
  }
}

/** A fetch for each message would cost as much as the writer's own. */
const gatherBytes = 128 * 1024;
/** Messages of a partition that one statement looks at, and how long the next few are gathered. */
const batchSize = 100;
const gatherMs = 100;

const isFresh = (at: number): boolean => Date.now() - at < notifiedForMs;
const placeOf = ({ roomId, seq }: { roomId: string; seq: number }): string => `${roomId}/${seq}`;

function heardOf(message: Message): Heard {
  const { data: others = [] } = mentionsContract.safeParse(message.metadata['mentions']);
  return { message, mentions: [...new Set([...(message.mentions ?? []), ...others])] };
}

/** @throws InvalidRecordError for what is not as its contract says. */
function messageOf(record: IncomingRecord): Heard {
  try {
    const message = messageContract.parse(JSON.parse(record.value?.toString() ?? ''));
    return { ...heardOf(message), trace: traceOf(record) };
  } catch {
    throw new InvalidRecordError('message: the value is not as its contract says');
  }
}
