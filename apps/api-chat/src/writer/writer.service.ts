import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '@maru/contracts';
import { type IncomingRecord, type PartitionQueue } from '@maru/kafka-client';
import { type Logger, LOGGER } from '@maru/service-kit';
import { ClaimService } from './claim.service';
import { type CommandRecord, Outcome } from './batch';
import { ClaimCache } from './claim-cache';
import { CommandReader, type ReadRecord } from './command-reader';
import { Draft } from './draft';
import { EventPublisher } from './event-publisher';
import { emptySnapshot, isEmpty, namesOf } from './snapshot';
import { MAX_BATCH } from './writer.config';
import { WriterMetrics } from './writer.metrics';
import { type Claim, isErrorOfRecord, type Span, WriterRepository } from './writer.repository';

/** Records that are decided and committed together. */
interface Batch extends Span {
  taken: IncomingRecord[];
  /** The commands among the records. */
  commands: CommandRecord[];
}

/** A batch being committed and published. */
interface UnderWay {
  /** Its first offset. */
  offset: number;
  /** As decided before the store had a say. */
  outcome: Outcome | undefined;
  /** Gives the outcome as committed. */
  committed: Promise<Outcome | undefined>;
  published: Promise<void>;
  /** `published` has come true. */
  onLog: boolean;
}

const idle: UnderWay = {
  offset: 0,
  outcome: undefined,
  committed: Promise.resolve(undefined),
  published: Promise.resolve(),
  onLog: true,
};

/**
 * The only writer of the rooms of a partition of `chat.commands`: checks, finds repeats, gives seq, commits,
 * then publishes events and replies. Batch n+1 is decided while batch n is being committed, and committed while
 * n is being published, but only after n-1 is on `chat.events`: a new claim publishes the last two again at most.
 * Whatever fails, the worker ends and is started again with a new claim, so the claim owns all that is in memory.
 */
@Injectable()
export class WriterService {
  /** Partitions to take record by record up to an offset, since a batch there held one that the store refuses. */
  private readonly singly = new Map<number, number>();

  constructor(
    private readonly repository: WriterRepository,
    private readonly reader: CommandReader,
    private readonly publisher: EventPublisher,
    private readonly claims: ClaimService,
    private readonly metrics: WriterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(MAX_BATCH) private readonly maxBatch: number,
  ) {}

  /** The worker of one partition; ends when the partition is revoked, throws when it has to be started again. */
  async write(queue: PartitionQueue): Promise<void> {
    const { partition } = queue;
    try {
      const claim = await this.claims.claim(queue);
      await this.work(queue, claim);
    } catch (error) {
      if (queue.signal.aborted) return;
      this.logger.warn({ event: 'writer_restarts', partition, err: error });
      this.metrics.restarts.inc();
      throw error;
    }
  }

  private async work(queue: PartitionQueue, claim: Claim): Promise<void> {
    const cache = new ClaimCache();
    let [earlier, before] = [idle, idle];
    let waiting = await this.claims.catchUp(queue, claim);
    try {
      for (;;) {
        const size = this.batchSize(queue.partition, claim.nextOffset);
        if (waiting.length === 0) waiting = await unlessFailed(before, queue.next(size));
        const batch = await this.cutBatch(waiting.slice(0, size), claim);
        waiting = waiting.slice(batch.taken.length);
        // Who leaves for good needs the room's whole roster, so nothing may be under way.
        if (batch.commands.some(needsRoster)) {
          await before.published;
          before = idle;
        }
        const draft = await this.look(batch, cache);
        draft.decideAfter(before.outcome);
        const committed = await before.committed;
        if (committed !== before.outcome) draft.decideAfter(committed);
        cache.keep(draft.snapshot);
        await earlier.published;
        const unpublished = before.onLog ? batch.offset : before.offset;
        const underWay = this.start(queue, { ...batch, unpublished }, draft, cache, before);
        [earlier, before] = [before, underWay];
        claim = { ...claim, nextOffset: batch.nextOffset };
      }
    } finally {
      await Promise.allSettled([earlier.published, before.published]);
    }
  }

  /** Commits, then publishes: only what is committed is ever heard of. */
  private start(
    queue: PartitionQueue,
    batch: Batch,
    draft: Draft,
    cache: ClaimCache,
    before: UnderWay,
  ): UnderWay {
    const { outcome } = draft;
    const committed = this.commit(batch, draft, cache);
    // Not past a batch that could not be published: readers would take its events for seen.
    const published = Promise.all([committed, before.published]).then(async ([one]) => {
      await this.publisher.publishOutcome(batch.claim.partition, one);
      underWay.onLog = true;
      queue.commit(batch.nextOffset);
    });
    published.catch(() => undefined); // seen at the next turn
    const underWay: UnderWay = { offset: batch.offset, outcome, committed, published, onLog: false };
    return underWay;
  }

  /** The records that go together, from the front; those that are no commands are set aside. */
  private async cutBatch(waiting: IncomingRecord[], claim: Claim): Promise<Batch> {
    const read = await this.reader.read(waiting, claim.partition);
    const batch = read.slice(0, endOfBatch(read));
    const commands: CommandRecord[] = [];
    for (const { record, command } of batch) {
      if (command instanceof CodedError) await this.reader.deadLetter(record, command);
      else commands.push(command);
    }
    const taken = batch.map(({ record }) => record);
    const offset = taken[0]?.offset ?? claim.nextOffset;
    const nextOffset = (taken.at(-1)?.offset ?? offset) + 1;
    return { claim, taken, unpublished: offset, offset, nextOffset, commands };
  }

  /** What the batch names, from memory as far as it is there. */
  private async look({ commands }: Batch, cache: ClaimCache): Promise<Draft> {
    const snapshot = emptySnapshot();
    const names = namesOf(commands);
    cache.recall(names, snapshot);
    const now = isEmpty(names) ? cache.now() : undefined;
    return new Draft(commands, snapshot, now ?? (await this.repository.lookUp(names, snapshot)));
  }

  private async commit(batch: Batch, draft: Draft, cache: ClaimCache): Promise<Outcome> {
    const { claim, taken, nextOffset } = batch;
    const stop = this.metrics.commitSeconds.startTimer();
    try {
      for (;;) {
        const { now, repeats } = await this.repository.commit(batch, draft.outcome);
        cache.setClock(now);
        if (repeats.size === 0) break;
        draft.learn(repeats);
      }
    } catch (error) {
      if (!isErrorOfRecord(error)) throw error;
      if (taken.length > 1) {
        this.singly.set(claim.partition, nextOffset);
        throw error;
      }
      await this.setAside(batch, error);
      throw error; // the next batch may have been decided on what was not to be
    }
    stop();
    cache.take(draft.outcome);
    this.metrics.observe(draft.outcome, taken.length);
    return draft.outcome;
  }

  /** A record that the store refuses is dead-lettered alone, and its offset moved like any other's. */
  private async setAside(batch: Batch, error: unknown): Promise<void> {
    for (const record of batch.taken) await this.reader.deadLetter(record, error);
    await this.repository.commit(batch, new Outcome());
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
function endOfBatch(records: ReadRecord[]): number {
  const first = records.findIndex(({ command }) => !(command instanceof CodedError) && needsRoster(command));
  if (first === -1) return records.length;
  return Math.max(1, first);
}

/** `next`, or the failure of the batch before, whichever comes first. */
function unlessFailed<T>(before: UnderWay, next: Promise<T>): Promise<T> {
  next.catch(() => undefined); // when the failure wins, nobody waits for it any more
  return Promise.race([next, before.published.then(() => next)]);
}
