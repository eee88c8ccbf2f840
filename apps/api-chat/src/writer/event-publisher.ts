import { Injectable } from '@nestjs/common';
import { topics } from '@maru/contracts';
import { cloudEventHeaders, ProducerService, ReplyService } from '@maru/kafka-client';
import type { Outcome } from './batch';
import type { StoredEvent } from './writer.repository';

/** Puts committed events on `chat.events`, each as the JSON that stands in the store, and answers the askers. */
@Injectable()
export class EventPublisher {
  constructor(
    private readonly producer: ProducerService,
    private readonly replies: ReplyService,
  ) {}

  /** Resolves when all are on the log, in their order. */
  async publish(partition: number, events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.producer.sendBatch(
      topics.chatEvents,
      partition,
      events.map(({ roomId, type, seq, body }) => ({
        key: roomId,
        value: body,
        headers: cloudEventHeaders({ type, source: '/api-chat', id: `${roomId}/${seq}` }),
      })),
    );
  }

  async publishOutcome(partition: number, { events, replies }: Outcome): Promise<void> {
    const stored = events.map(({ event, body }) => ({
      roomId: event.roomId,
      type: event.type,
      seq: event.seq,
      body,
    }));
    await Promise.all([
      this.publish(partition, stored),
      replies.length > 0 ? this.replies.send(replies) : undefined,
    ]);
  }
}
