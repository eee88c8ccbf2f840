import { Inject, Injectable } from '@nestjs/common';
import { CodedError, topics } from '@maru/contracts';
import { type IncomingRecord, type PartitionQueue, TopicsAdmin } from '@maru/kafka-client';
import { type Logger, LOGGER } from '@maru/service-kit';
import { answersTo } from './answers';
import { CommandReader } from './command-reader';
import { EventPublisher } from './event-publisher';
import { emptySnapshot, namesOf } from './snapshot';
import { MAX_BATCH } from './writer.config';
import { WriterMetrics } from './writer.metrics';
import { type Claim, type StoredEvent, WriterRepository } from './writer.repository';

/** The log ends below what was decided already: the brokers lost records. People must look at it. */
export class LogLostError extends Error {
  override name = 'LogLostError';
}

/** Takes a partition over from whoever wrote it before. */
@Injectable()
export class ClaimService {
  constructor(
    private readonly repository: WriterRepository,
    private readonly reader: CommandReader,
    private readonly publisher: EventPublisher,
    private readonly admin: TopicsAdmin,
    private readonly metrics: WriterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(MAX_BATCH) private readonly maxBatch: number,
  ) {}

  /** Claims the partition, and seeks to the first command that may not have been published and answered. */
  async claim(queue: PartitionQueue): Promise<Claim> {
    const { partition } = queue;
    const claim = await this.repository.claim(partition);
    const { start = 0, end = 0 } = (await this.admin.ranges(topics.chatCommands))[partition] ?? {};
    if (end < claim.nextOffset) {
      this.metrics.lostLog.set({ partition }, 1);
      throw new LogLostError(
        `chat.commands[${partition}] ends at ${end}, but everything below ${claim.nextOffset} was decided: records were lost. ` +
          'See "A log that lost records" in docs/operate.md.',
      );
    }
    this.metrics.lostLog.set({ partition }, 0);
    const unpublished = Math.max(start, claim.unpublished);
    queue.seek(unpublished);
    return { ...claim, unpublished };
  }

  /**
   * Publishes and answers again what the claim before may have left out. Gives the records after that, as far as
   * they were read.
   */
  async catchUp(queue: PartitionQueue, claim: Claim): Promise<IncomingRecord[]> {
    const { partition, epoch, nextOffset: offset } = claim;
    const events = await this.repository.eventsToPublish(claim);
    await this.publisher.publish(partition, events);
    this.logger.info({ event: 'partition_claimed', partition, epoch, offset, publishedAgain: events.length });
    const fresh: IncomingRecord[] = [];
    for (let at = claim.unpublished; at < offset;) {
      const records = await queue.next(this.maxBatch);
      const decided = records.filter((record) => record.offset < offset);
      await this.answerAgain(decided, events, partition);
      fresh.push(...records.slice(decided.length));
      at = (records.at(-1)?.offset ?? at) + 1;
    }
    return fresh;
  }

  private async answerAgain(
    decided: IncomingRecord[],
    events: readonly StoredEvent[],
    partition: number,
  ): Promise<void> {
    const read = await this.reader.read(decided, partition);
    const commands = read.flatMap(({ command }) => (command instanceof CodedError ? [] : [command]));
    const snapshot = emptySnapshot();
    await this.repository.lookUp(namesOf(commands), snapshot);
    this.publisher.answer(partition, answersTo(commands, events, snapshot.outcomes));
  }
}
