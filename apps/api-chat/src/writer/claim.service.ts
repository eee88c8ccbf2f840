import { Inject, Injectable } from '@nestjs/common';
import { CodedError, topics } from '@maru/contracts';
import { type IncomingRecord, type PartitionQueue, TopicsAdmin } from '@maru/kafka-client';
import { type Logger, LOGGER } from '@maru/service-kit';
import { answersTo } from './answers';
import { CommandReader } from './command-reader';
import { EventPublisher } from './event-publisher';
import { type Claimed, inPlaces } from './places';
import type { Happened } from './recall';
import { RecallService } from './recall.service';
import { emptySnapshot, namesOf } from './snapshot';
import { MAX_BATCH, writerGroup } from './writer.config';
import { WriterMetrics } from './writer.metrics';
import { type StoredEvent, WriterRepository } from './writer.repository';

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
    private readonly recalls: RecallService,
    private readonly admin: TopicsAdmin,
    private readonly metrics: WriterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(MAX_BATCH) private readonly maxBatch: number,
  ) {}

  /** Claims the partition, and seeks to the first command that may not have been published and answered. */
  async claim(queue: PartitionQueue): Promise<Claimed> {
    const { partition } = queue;
    const claim = await this.repository.claim(partition);
    const { base } = claim;
    const [ranges, committed] = await Promise.all([
      this.admin.ranges(topics.chatCommands),
      this.admin.committed(writerGroup, [topics.chatCommands]),
    ]);
    const range = ranges[partition];
    const [start, end] = [(range?.start ?? 0) + base, (range?.end ?? 0) + base];
    if (end < claim.nextOffset) {
      this.metrics.claimed(partition, 'lost');
      throw new LogLostError(
        `chat.commands[${partition}] ends at ${end - base}, but everything below ${claim.nextOffset - base} was decided: records were lost. ` +
          'See "A log that lost records" in docs/operate.md.',
      );
    }
    const told = (committed[topics.chatCommands]?.[partition] ?? 0) + base;
    const before = told > end ? 0 : told;
    const places = inPlaces(queue, base, before);
    const unpublished = Math.max(start, claim.unpublished);
    places.seek(unpublished);
    return { ...claim, unpublished, end, committed: before, queue: places };
  }

  /**
   * Publishes and answers again what the claim before may have left out. Gives the records after that, as far as
   * they were read, and what came of them if they were decided before.
   */
  async catchUp(claim: Claimed): Promise<{ fresh: IncomingRecord[]; happened: Happened | undefined }> {
    const { partition, epoch, base, nextOffset: offset, queue } = claim;
    const events = await this.repository.eventsToPublish(claim);
    await this.publisher.publish(partition, events);
    // The last commit of the claim before may not have arrived.
    queue.commit(offset);
    this.logger.info({
      ...{ event: 'partition_claimed', partition, epoch, offset: offset - base },
      publishedAgain: events.length,
    });
    const fresh: IncomingRecord[] = [];
    for (let at = claim.unpublished; at < offset;) {
      const records = await queue.next(this.maxBatch);
      const decided = records.filter((record) => record.offset < offset);
      await this.answerAgain(decided, events, partition);
      fresh.push(...records.slice(decided.length));
      at = (records.at(-1)?.offset ?? at) + 1;
    }
    // What was not decided may be gone by now.
    const left = Math.max(offset, claim.unpublished) < claim.end;
    if (fresh.length === 0 && left) fresh.push(...(await queue.next(this.maxBatch)));
    return { fresh, happened: await this.recalls.begin(claim, fresh[0]) };
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
