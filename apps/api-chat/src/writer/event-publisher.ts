import { Inject, Injectable } from '@nestjs/common';
import { commandOffsetHeader, topics } from '@maru/contracts';
import { cloudEventHeaders, ProducerService, ReplyService } from '@maru/kafka-client';
import { type Logger, LOGGER } from '@maru/service-kit';
import type { Outcome } from './batch';
import type { CommandTraces } from './command-traces';
import type { StoredEvent } from './writer.repository';

/** Puts committed events on `chat.events`, each as the JSON that stands in the store, and answers the askers. */
@Injectable()
export class EventPublisher {
  constructor(
    private readonly producer: ProducerService,
    private readonly replies: ReplyService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when all are on the log, in their order. */
  async publish(partition: number, events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.producer.sendBatch(
      topics.chatEvents,
      partition,
      events.map((event, at) => {
        const record = recordOf(event);
        // On the last event of a command: who has read it has all that the command came to.
        const last = events[at + 1]?.offset !== event.offset;
        return last
          ? { ...record, headers: { ...record.headers, [commandOffsetHeader]: String(event.offset) } }
          : record;
      }),
    );
  }

  /** The same where their rooms lie now: places are counted in the partition of the command, so these tell of none. */
  async copy(partition: number, events: readonly StoredEvent[]): Promise<void> {
    await this.producer.sendBatch(topics.chatEvents, partition, events.map(recordOf));
  }

  /** The same for a batch just committed; its replies go out behind its events, and nothing waits for them. */
  async publishOutcome(
    partition: number,
    { events, replies }: Outcome,
    traces?: CommandTraces,
  ): Promise<void> {
    const stored = events.map(({ event, body, offset, cause }) => ({
      offset,
      cause,
      roomId: event.roomId,
      type: event.type,
      seq: event.seq,
      body,
      trace: traces?.at(offset),
    }));
    const published = this.publish(partition, stored);
    this.answer(partition, replies);
    await published;
  }

  /** A lost reply is harmless: its asker asks again, and is told of a repeat. */
  answer(partition: number, replies: Outcome['replies']): void {
    this.replies
      .send(replies)
      .catch((error: unknown) => this.logger.warn({ event: 'replies_lost', partition, err: error }));
  }
}

const recordOf = ({ roomId, type, seq, body, cause, trace }: StoredEvent) => ({
  key: roomId,
  value: body,
  trace,
  headers: cloudEventHeaders({
    type,
    source: '/api-chat',
    id: `${roomId}/${seq}`,
    ...(cause !== undefined && { cause }),
  }),
});
