import { Inject, Injectable } from '@nestjs/common';
import { topics } from '@maru/contracts';
import { type IncomingRecord, type PartitionQueue, TopicsAdmin } from '@maru/kafka-client';
import { type Logger, LOGGER } from '@maru/service-kit';
import { type CommandRecord, decideBatch, Outcome } from './batch';
import { CommandReader } from './command-reader';
import { EventPublisher } from './event-publisher';
import { MAX_BATCH } from './writer.config';
import { WriterMetrics } from './writer.metrics';
import { type Claim, isErrorOfRecord, WriterRepository } from './writer.repository';

/** A batch on its way: decided, and being committed and published until `done` settles. */
interface Batch {
  outcome: Outcome | undefined;
  done: Promise<void>;
}

const idle: Batch = { outcome: undefined, done: Promise.resolve() };

/** The log ends below what was decided already: the brokers lost records. People must look at it. */
export class LogLostError extends Error {
  override name = 'LogLostError';
}

/**
 * The only writer of the rooms of a partition of `chat.commands`: checks, finds repeats, gives seq, commits,
 * then publishes events and replies. Batch n+1 is decided while batch n is being committed and published, and
 * is committed only after n is on `chat.events`. Whatever fails, the worker ends and is started again with a
 * new claim, so the claim owns all that is in memory.
 */
@Injectable()
export class WriterService {
  /** Partitions to take record by record up to an offset, since a batch there held one that the store refuses. */
  private readonly singly = new Map<number, number>();

  constructor(
    private readonly repository: WriterRepository,
    private readonly reader: CommandReader,
    private readonly publisher: EventPublisher,
    private readonly admin: TopicsAdmin,
    private readonly metrics: WriterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(MAX_BATCH) private readonly maxBatch: number,
  ) {}

  /** The worker of one partition; ends when the partition is revoked, throws when it has to be started again. */
  async write(queue: PartitionQueue): Promise<void> {
    const { partition } = queue;
    try {
      const claim = await this.claim(queue);
      await this.work(queue, claim);
    } catch (error) {
      if (queue.signal.aborted) return;
      this.logger.warn({ event: 'writer_restarts', partition, err: error });
      this.metrics.restarts.inc();
      throw error;
    }
  }

  private async claim(queue: PartitionQueue): Promise<Claim> {
    const { partition } = queue;
    const claim = await this.repository.claim(partition);
    const end = (await this.admin.ends(topics.chatCommands))[partition] ?? 0;
    if (end < claim.nextOffset) {
      this.metrics.lostLog.set({ partition }, 1);
      throw new LogLostError(
        `chat.commands[${partition}] ends at ${end}, but everything below ${claim.nextOffset} was decided: records were lost. ` +
          'See "A log that lost records" in docs/operate.md.',
      );
    }
    this.metrics.lostLog.set({ partition }, 0);
    queue.seek(claim.nextOffset);
    const again = await this.repository.eventsOfLastBatch(partition);
    await this.publisher.publish(partition, again);
    this.logger.info({
      event: 'partition_claimed',
      partition,
      epoch: claim.epoch,
      offset: claim.nextOffset,
      publishedAgain: again.length,
    });
    return claim;
  }

  private async work(queue: PartitionQueue, claim: Claim): Promise<void> {
    let before = idle;
    let waiting: IncomingRecord[] = [];
    try {
      for (;;) {
        if (waiting.length === 0)
          waiting = await unlessFailed(before, queue.next(this.batchSize(queue.partition, claim.nextOffset)));
        const records = await this.reader.read(waiting, queue.partition);
        const cut = endOfBatch(records);
        const batch = records.slice(0, cut);
        const taken =
          batch.length === records.length
            ? waiting
            : waiting.filter((r) => r.offset < (records[cut]?.offset ?? Infinity));
        waiting = waiting.slice(taken.length);
        // Who leaves for good needs the room's whole roster, so nothing may be under way.
        if (batch.some(needsRoster)) {
          await before.done;
          before = idle;
        }
        const outcome = await this.decide(batch, before.outcome);
        await before.done;
        const nextOffset = (taken.at(-1)?.offset ?? claim.nextOffset) + 1;
        const done = this.finish(queue, { ...claim }, taken, nextOffset, outcome);
        done.catch(() => undefined); // seen at the next turn
        claim.nextOffset = nextOffset;
        before = { outcome, done };
      }
    } finally {
      await before.done.catch(() => undefined);
    }
  }

  private async decide(batch: CommandRecord[], before: Outcome | undefined): Promise<Outcome> {
    if (batch.length === 0) return new Outcome();
    const { now, snapshot } = await this.repository.lookUp(batch);
    return decideBatch(batch, snapshot, before, now);
  }

  /** Commits, then publishes: only what is committed is ever heard of. */
  private async finish(
    queue: PartitionQueue,
    claim: Claim,
    taken: IncomingRecord[],
    nextOffset: number,
    outcome: Outcome,
  ): Promise<void> {
    const stop = this.metrics.commitSeconds.startTimer();
    try {
      await this.repository.commit(claim, taken[0]?.offset ?? claim.nextOffset, nextOffset, outcome);
    } catch (error) {
      if (!isErrorOfRecord(error)) throw error;
      if (taken.length > 1) {
        this.singly.set(claim.partition, nextOffset);
        throw error;
      }
      await this.setAside(claim, taken, nextOffset, error);
      throw error; // the next batch may have been decided on what was not to be
    }
    stop();
    this.metrics.observe(outcome, taken.length);
    await this.publisher.publishOutcome(claim.partition, outcome);
    queue.commit(nextOffset);
  }

  /** A record that the store refuses is dead-lettered alone, and its offset moved like any other's. */
  private async setAside(
    claim: Claim,
    taken: IncomingRecord[],
    nextOffset: number,
    error: unknown,
  ): Promise<void> {
    for (const record of taken) await this.reader.deadLetter(record, error);
    await this.repository.commit(claim, claim.nextOffset, nextOffset, new Outcome());
  }

  private batchSize(partition: number, nextOffset: number): number {
    const until = this.singly.get(partition);
    if (until === undefined) return this.maxBatch;
    if (nextOffset < until) return 1;
    this.singly.delete(partition);
    return this.maxBatch;
  }
}

const needsRoster = ({ command }: CommandRecord): boolean => command.type === 'removeDeletedUser';

/** How many records go together: all, or those before one that needs the roster, or such a one alone. */
function endOfBatch(records: CommandRecord[]): number {
  const first = records.findIndex(needsRoster);
  if (first === -1) return records.length;
  return first === 0 ? 1 : first;
}

/** `next`, or the failure of the batch before, whichever comes first. */
function unlessFailed<T>(before: Batch, next: Promise<T>): Promise<T> {
  next.catch(() => undefined); // when the failure wins, nobody waits for it any more
  return Promise.race([next, before.done.then(() => next)]);
}
