import type { DeadLetters } from '../dead-letters/dead-letters';
import { ofSurroundings } from '../dead-letters/surroundings';
import { InvalidRecordError, OffsetOutOfRangeError } from '../errors';
import { silentLogger } from '../logger';
import type { IncomingRecord } from '../records/record';
import { backOff, pause } from '../time';
import type { KafkaTools } from '../tools';
import type { PartitionQueue, PartitionWorker } from './subscription';

const DELAY_MAX_MS = 10_000;

/** Records that are handed over together; they succeed or fail together. */
export interface Run {
  records: IncomingRecord[];
  handle(records: IncomingRecord[], signal: AbortSignal): Promise<unknown>;
}

export interface RunWorkerOptions extends KafkaTools {
  group: string;
  /** Cuts what was read into runs, in order; what is in none is passed over. */
  runs(records: IncomingRecord[]): Run[];
  /** How often a record that fails is tried again, and the first wait, doubled each time. */
  retry: { count: number; delayMs: number };
  deadLetters: Pick<DeadLetters, 'add'>;
  /** Records taken at once; default 500. */
  batchSize?: number;
}

export interface RecordWorkerOptions extends Omit<RunWorkerOptions, 'runs'> {
  handle?(record: IncomingRecord, signal: AbortSignal): Promise<unknown>;
  handleBatch?(records: IncomingRecord[], signal: AbortSignal): Promise<unknown>;
  /** False: the record is passed over. */
  filter?(record: IncomingRecord): boolean;
}

/** A worker for one record, or one batch, at a time; see `runWorker`. */
export function recordWorker(options: RecordWorkerOptions): PartitionWorker {
  return runWorker({
    ...options,
    runs: (all) => {
      const records = options.filter ? all.filter((record) => options.filter?.(record)) : all;
      if (!options.handleBatch) {
        return records.map((record) => ({
          records: [record],
          handle: async (_, signal) => options.handle?.(record, signal),
        }));
      }
      return records.length === 0
        ? []
        : [{ records, handle: async (batch, signal) => options.handleBatch?.(batch, signal) }];
    },
  });
}

/**
 * A worker that commits after success. A record that fails is tried again in its place, a bounded number of
 * times, then put aside as a dead letter, and its partition goes on. A batch that fails is cut down to its
 * records first. Errors of the surroundings are retried without bound, and so is a dead letter that cannot
 * be written: nothing is passed over unseen.
 */
export function runWorker(options: RunWorkerOptions): PartitionWorker {
  return async (queue) => {
    while (!queue.signal.aborted) {
      const records = await readOn(queue, options);
      for (const run of options.runs(records)) {
        const done = await settle(run, queue, options);
        if (!done) return;
        queue.commit((run.records.at(-1)?.offset ?? -1) + 1);
      }
      const last = records.at(-1);
      if (last) queue.commit(last.offset + 1);
    }
  };
}

/** A position that the log no longer has: what is left is read, and people are told. */
async function readOn(queue: PartitionQueue, options: RunWorkerOptions): Promise<IncomingRecord[]> {
  try {
    return await queue.next(options.batchSize ?? 500);
  } catch (error) {
    if (!(error instanceof OffsetOutOfRangeError)) throw error;
    const { group, logger = silentLogger } = options;
    logger.error(
      { event: 'position.lost', group, ...error.at },
      'records were lost to this group; it goes on at the start',
    );
    queue.seek(error.at.start);
    return [];
  }
}

/** True when the run is done with, be it handled or put aside; false when the partition is taken away first. */
async function settle(run: Run, queue: PartitionQueue, options: RunWorkerOptions): Promise<boolean> {
  const { group, retry, logger = silentLogger, metrics } = options;
  const [first] = run.records;
  if (!first) return true;
  const { topic, partition, offset } = first;
  for (let attempt = 0, counted = 0; !queue.signal.aborted; attempt++) {
    try {
      await run.handle(run.records, queue.signal);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const surroundings = ofSurroundings(error);
      const records = run.records.length;
      logger.warn(
        { event: 'record.failed', group, topic, partition, offset, records, attempt, reason },
        'a handler failed',
      );
      if (!surroundings && records > 1) return cutDown(run, queue, options);
      const given = error instanceof InvalidRecordError || counted++ >= retry.count;
      if (!surroundings && given) return bury(first, error, queue, options);
      metrics?.retried.inc({ group, topic });
    }
    await pause(backOff(attempt, retry.delayMs, DELAY_MAX_MS), queue.signal);
  }
  return false;
}

async function cutDown(run: Run, queue: PartitionQueue, options: RunWorkerOptions): Promise<boolean> {
  for (const record of run.records) {
    if (!(await settle({ ...run, records: [record] }, queue, options))) return false;
    queue.commit(record.offset + 1);
  }
  return true;
}

async function bury(
  record: IncomingRecord,
  cause: unknown,
  queue: PartitionQueue,
  options: RunWorkerOptions,
): Promise<boolean> {
  const { group, logger = silentLogger } = options;
  for (let attempt = 0; !queue.signal.aborted; attempt++) {
    try {
      await options.deadLetters.add(group, record, cause);
      return true;
    } catch (error) {
      const { topic, partition, offset } = record;
      const reason = error instanceof Error ? error.message : String(error);
      logger.error(
        { event: 'dead_letter.failed', group, topic, partition, offset, reason },
        'a dead letter could not be written',
      );
      await pause(backOff(attempt, 200, DELAY_MAX_MS), queue.signal);
    }
  }
  return false;
}
