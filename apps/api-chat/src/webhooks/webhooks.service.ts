import { Inject, Injectable } from '@nestjs/common';
import { notificationRequested, topics } from '@maru/contracts';
import {
  ConsumerService,
  DeadLetters,
  type IncomingRecord,
  InvalidRecordError,
  recordWorker,
} from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { setTimeout as delay } from 'node:timers/promises';
import { CHAT_ENV, type ChatEnv } from '../chat.config';
import { webhookFormats } from './formats';
import { WebhookSender } from './webhook.sender';
import { WebhooksMetrics } from './webhooks.metrics';

export const webhooksGroup = 'api-chat-webhooks';
const firstPauseMs = 500;
const longestPauseMs = 10_000;

type WebhooksEnv = Pick<ChatEnv, 'WEBHOOK_URL' | 'WEBHOOK_FORMAT' | 'WEBHOOK_RETRY_COUNT'>;

/**
 * Hands what is asked for on `notifications` to the webhook's receiver: in order per user, each at least once, or,
 * when it is not taken after all tries, to the dead letters.
 */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly sender: WebhookSender,
    private readonly consumer: ConsumerService,
    private readonly deadLetters: DeadLetters,
    private readonly metrics: WebhooksMetrics,
    @Inject(CHAT_ENV) private readonly env: WebhooksEnv,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    if (this.env.WEBHOOK_URL === undefined) return;
    await this.consumer.subscribe({
      group: webhooksGroup,
      topics: [topics.notifications, await this.deadLetters.retries(webhooksGroup)],
      fromBeginning: false,
      worker: (queue) => {
        // A receiver that is down is not asked again and again for each that waits behind.
        const receiver = { down: false };
        return recordWorker({
          group: webhooksGroup,
          retry: { count: 0, delayMs: firstPauseMs },
          deadLetters: this.deadLetters,
          logger: this.logger,
          filter: ({ headers }) => headers['ce_type'] === 'notification.requested',
          handle: (record, signal) => this.hand(record, receiver, signal),
        })(queue);
      },
    });
  }

  private async hand(
    record: IncomingRecord,
    receiver: { down: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { body, headers } = this.requestOf(record);
    const tries = receiver.down ? 1 : 1 + this.env.WEBHOOK_RETRY_COUNT;
    for (let tried = 1; ; tried++) {
      try {
        await this.sender.post(body, headers);
        receiver.down = false;
        this.metrics.sent.inc({ outcome: 'taken' });
        return;
      } catch (error) {
        const { partition, offset } = record;
        this.logger.warn({ event: 'webhook_failed', partition, offset, tried, err: error });
        this.metrics.sent.inc({ outcome: 'failed' });
        receiver.down = tried >= tries;
        if (receiver.down) throw error;
      }
      await delay(Math.min(firstPauseMs * 2 ** (tried - 1), longestPauseMs), undefined, { signal });
    }
  }

  /** In the binary mode of CloudEvents over HTTP. @throws InvalidRecordError */
  private requestOf({ value, headers }: IncomingRecord): { body: string; headers: Record<string, string> } {
    try {
      const notification = notificationRequested.parse(JSON.parse(value?.toString() ?? ''));
      const { userId, roomId, seq } = notification;
      return {
        body: JSON.stringify(webhookFormats[this.env.WEBHOOK_FORMAT](notification)),
        headers: {
          'ce-specversion': '1.0',
          'ce-type': 'notification.requested',
          'ce-source': '/api-chat',
          'ce-id': `${userId}/${roomId}/${seq}`,
        },
      };
    } catch {
      throw new InvalidRecordError(`${headers['ce_type'] ?? ''}: the value is not as its contract says`);
    }
  }
}
