import { OffsetOutOfRangeError } from '../errors';
import type { IncomingRecord } from '../records/record';
import type { PartitionQueue } from './subscription';

/** What the queue asks of the reader that fills it. */
export interface QueueOwner {
  /** Find `offset` on the log and go on from there. */
  place(offset: number): void;
  drained(): void;
  commit(nextOffset: number): void;
}

/** One partition's records between the fetcher that fills and the worker that takes. Lives as long as one worker run. */
export class BoundedQueue implements PartitionQueue {
  private records: IncomingRecord[] = [];
  private taken = 0;
  private failure: OffsetOutOfRangeError | undefined;
  private wake: (() => void) | undefined;
  private end = 0;
  /** Where the fetcher goes on. */
  private position = 0;
  private retired = false;
  private readonly control = new AbortController();

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly size: number,
    private readonly owner: QueueOwner,
  ) {}

  get signal(): AbortSignal {
    return this.control.signal;
  }

  get length(): number {
    return this.records.length - this.taken;
  }

  get full(): boolean {
    return this.length >= this.size;
  }

  async next(max: number, end = Infinity): Promise<IncomingRecord[]> {
    while (this.length === 0) {
      this.signal.throwIfAborted();
      if (this.failure) throw this.failure;
      if (this.position >= end) return [];
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    this.signal.throwIfAborted();
    const records = this.records.slice(this.taken, this.taken + max);
    this.taken += records.length;
    if (this.length <= this.size / 2) {
      this.records = this.records.slice(this.taken);
      this.taken = 0;
      this.owner.drained();
    }
    return records;
  }

  seek(offset: number): void {
    if (!this.signal.aborted) this.owner.place(offset);
  }

  commit(nextOffset: number): void {
    if (!this.retired) this.owner.commit(nextOffset);
  }

  high(): number {
    return this.end;
  }

  /** Forgets what is queued; called when the position moves. */
  clear(): void {
    this.records = [];
    this.taken = 0;
    this.position = 0;
    this.failure = undefined;
  }

  /** All below `position` has been pushed, or is no record. */
  reached(position: number): void {
    this.position = position;
    this.notify();
  }

  push(records: IncomingRecord[], end: number): void {
    if (this.length === 0) {
      this.records = records;
      this.taken = 0;
    } else {
      for (const record of records) this.records.push(record);
    }
    this.ended(end);
    this.notify();
  }

  ended(end: number): void {
    this.end = end;
  }

  fail(error: OffsetOutOfRangeError): void {
    this.failure = error;
    this.notify();
  }

  abort(): void {
    this.clear();
    this.control.abort();
    this.notify();
  }

  /** Its worker has failed: what it may still call counts no more. */
  retire(): void {
    this.retired = true;
    this.abort();
  }

  private notify(): void {
    this.wake?.();
    this.wake = undefined;
  }
}
