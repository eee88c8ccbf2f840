import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '@maru/contracts';
import { type IncomingRecord, type PartitionQueue } from '@maru/kafka-client';
import { type Logger, LOGGER } from '@maru/service-kit';
import { ClaimService } from './claim.service';
import { type CommandRecord, Outcome } from './batch';
import { ClaimCache } from './claim-cache';
import { CommandReader, type ReadRecord } from './command-reader';
import { CommandTraces } from './command-traces';
import { Draft } from './draft';
import { EventPublisher } from './event-publisher';
import type { Claimed } from './places';
import { type Happened, StoreBehindError } from './recall';
import { RecallService } from './recall.service';
import { emptySnapshot, isEmpty, namesOf } from './snapshot';
import { MAX_BATCH } from './writer.config';
import { WriterMetrics } from './writer.metrics';
import { type Claim, isErrorOfRecord, type Span, WriterRepository } from './writer.repository';

/** Records that are decided and committed together. */
interface Batch extends Span {
  taken: IncomingRecord[];
  /** The commands among the records. */
  commands: CommandRecord[];
  traces: CommandTraces | undefined;
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
    private readonly recalls: RecallService,
    private readonly metrics: WriterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(MAX_BATCH) private readonly maxBatch: number,
  ) {}

  /** The worker of one partition; ends when the partition is revoked, throws when it has to be started again. */
  async write(queue: PartitionQueue): Promise<void> {
    const { partition } = queue;
    try {
      await this.work(await this.claims.claim(queue));
    } catch (error) {
      if (queue.signal.aborted) return;
      if (error instanceof StoreBehindError) this.metrics.claimed(partition, 'behind');
      this.logger.warn({ event: 'writer_restarts', partition, err: error });
      this.metrics.restarts.inc();
      throw error;
    }
  }

  private async work(claimed: Claimed): Promise<void> {
    const { queue } = claimed;
    const cache = new ClaimCache();
    let [earlier, before] = [idle, idle];
    let { fresh: waiting, happened } = await this.claims.catchUp(claimed);
    let claim: Claim = claimed;
    try {
      for (;;) {
        if (happened !== undefined && (waiting[0]?.offset ?? claim.nextOffset) > happened.until) {
          await before.published;
          before = idle;
          happened = await this.recalls.further(claimed, happened);
          continue;
        }
        const size = this.batchSize(queue.partition, claim.nextOffset);
        if (waiting.length === 0) {
          waiting = await unlessFailed(before, queue.next(size));
          continue;
        }
        const batch = await this.cutBatch(upTo(happened, waiting.slice(0, size)), claim, happened);
        waiting = waiting.slice(batch.taken.length);
        const draft = await this.decide(batch, cache, happened, earlier, before);
        const unpublished = before.onLog ? batch.offset : before.offset;
        const underWay = this.start(queue, { ...batch, unpublished }, draft, cache, before);
        [earlier, before] = [before, underWay];
        claim = { ...claim, nextOffset: batch.nextOffset };
      }
    } finally {
      await Promise.allSettled([earlier.published, before.published]);
    }
  }

  /** On what the batches under way come to. When it is there, all but the last of them is on the log. */
  private async decide(
    batch: Batch,
    cache: ClaimCache,
    happened: Happened | undefined,
    earlier: UnderWay,
    before: UnderWay,
  ): Promise<Draft> {
    try {
      // Who leaves for good needs the room's whole roster, so nothing may be under way.
      const alone = batch.commands.some(needsRoster);
      if (alone) await before.published;
      const { outcome, committed } = alone ? idle : before;
      const draft = await this.look(batch, cache, happened);
      draft.decideAfter(outcome);
      const known = await committed;
      if (known !== outcome) draft.decideAfter(known);
      cache.keep(draft.snapshot);
      await earlier.published;
      return draft;
    } catch (error) {
      batch.traces?.failed(error);
      throw error;
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
      await this.publisher.publishOutcome(batch.claim.partition, one, batch.traces);
      underWay.onLog = true;
      queue.commit(batch.nextOffset);
      batch.traces?.published(one);
    });
    published.catch((error: unknown) => batch.traces?.failed(error)); // seen at the next turn
    const underWay: UnderWay = { offset: batch.offset, outcome, committed, published, onLog: false };
    return underWay;
  }

  /** The records that go together, from the front; those that are no commands are set aside. */
  private async cutBatch(
    waiting: IncomingRecord[],
    claim: Claim,
    happened: Happened | undefined,
  ): Promise<Batch> {
    const read = await this.reader.read(waiting, claim.partition);
    const batch = read.slice(0, endOfBatch(read));
    const commands: CommandRecord[] = [];
    for (const { record, command } of batch) {
      if (!(command instanceof CodedError)) commands.push(command);
      else if (!happened?.events.has(record.offset)) await this.deadLetter(record, claim, command);
      else
        throw new StoreBehindError(
          `command ${record.offset - claim.base} of chat.commands[${claim.partition}] came to events in another partition`,
        );
    }
    const taken = batch.map(({ record }) => record);
    const offset = taken[0]?.offset ?? claim.nextOffset;
    const nextOffset = (taken.at(-1)?.offset ?? offset) + 1;
    const traces = CommandTraces.of(taken);
    return { claim, taken, unpublished: offset, offset, nextOffset, commands, traces };
  }

  /** What the batch names, from memory as far as it is there. */
  private async look({ commands }: Batch, cache: ClaimCache, happened: Happened | undefined): Promise<Draft> {
    const snapshot = emptySnapshot();
    const names = namesOf(commands);
    cache.recall(names, snapshot);
    const now = isEmpty(names) ? cache.now() : undefined;
    const recalls = happened !== undefined;
    return new Draft(
      commands,
      snapshot,
      now ?? (await this.repository.lookUp(names, snapshot, recalls)),
      happened,
    );
  }

  private async commit(batch: Batch, draft: Draft, cache: ClaimCache): Promise<Outcome> {
    const { claim, taken, nextOffset } = batch;
    const stop = this.metrics.commitSeconds.startTimer();
    const traced = batch.traces?.commit();
    try {
      for (;;) {
        const { now, repeats } = await this.repository.commit(batch, draft.outcome);
        cache.setClock(now);
        if (repeats.size === 0) break;
        draft.learn(repeats);
      }
    } catch (error) {
      traced?.(error);
      if (!isErrorOfRecord(error)) throw error;
      if (taken.length > 1) {
        this.singly.set(claim.partition, nextOffset);
        throw error;
      }
      await this.setAside(batch, error);
      throw error; // the next batch may have been decided on what was not to be
    }
    stop();
    traced?.();
    cache.take(draft.outcome);
    this.metrics.observe(draft.outcome, taken.length);
    return draft.outcome;
  }

  /** A record that the store refuses is dead-lettered alone, and its offset moved like any other's. */
  private async setAside(batch: Batch, error: unknown): Promise<void> {
    for (const record of batch.taken) await this.deadLetter(record, batch.claim, error);
    await this.repository.commit(batch, new Outcome());
  }

  /** People look for it by its offset on the log. */
  private async deadLetter(record: IncomingRecord, { base }: Claim, cause: unknown): Promise<void> {
    await this.reader.deadLetter({ ...record, offset: record.offset - base }, cause);
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

/** What is recalled, and what is decided, go apart. */
const upTo = (happened: Happened | undefined, records: IncomingRecord[]): IncomingRecord[] =>
  happened === undefined ? records : records.filter(({ offset }) => offset <= happened.until);

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
