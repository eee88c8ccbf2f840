import { OffsetOutOfRangeError } from '../errors';
import type { Logger } from '../logger';
import { backOff, pause } from '../time';
import { BoundedQueue, type QueueOwner } from './bounded-queue';
import type { FetchedBatch } from './fetched-batch';
import { patiently } from './patiently';
import type { Range } from './range-lookup';
import type { PartitionWorker } from './subscription';

/** How long a position may lie beyond the log's end before it is an error: a new leader learns the end a little late. */
const BEYOND_END_MS = 3000;
/** How long a full queue holds up the fetch before the partition is paused instead. */
const ROOM_MS = 50;

export interface ReaderPorts {
  /** Where to start when the worker does not seek. */
  start(): Promise<number>;
  range(): Promise<Range>;
  /** The fetcher's own position, and whether it fetches this partition. */
  seek(offset: number): void;
  pause(): void;
  resume(): void;
  commit(nextOffset: number): void;
  failed(error: unknown): void;
}

/**
 * One assignment of one partition: runs its worker, with a fresh queue each time the worker throws, and
 * keeps the position. The position here is the truth: what the fetcher brings from elsewhere (an old
 * assignment, or kafkajs having reset itself) is not taken.
 */
export class PartitionReader implements QueueOwner {
  readonly done: Promise<void>;
  readonly placed: Promise<void>;
  private queue: BoundedQueue;
  private position: number | undefined;
  /** Everything below is done: committed by the worker, else where the group stands. */
  private doneBelow: number | undefined;
  private placing = 0;
  private readonly life = new AbortController();
  private revoked = false;
  private paused = true;
  private room: (() => void) | undefined;
  private setPlaced: () => void = () => undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly size: number,
    private readonly worker: PartitionWorker,
    private readonly ports: ReaderPorts,
    private readonly logger: Logger,
    /** The same partition's reader before this one: two never work at once. */
    before: Promise<void>,
  ) {
    this.placed = new Promise((resolve) => (this.setPlaced = resolve));
    this.queue = this.freshQueue();
    this.done = this.run(before);
  }

  /** Records on the log that are not committed. */
  get lag(): number {
    return this.doneBelow === undefined ? 0 : Math.max(0, this.queue.high() - this.doneBelow);
  }

  /** Ends the worker. Revoked: its commits no longer count, another may have the partition already. */
  end(revoked: boolean): void {
    this.revoked ||= revoked;
    this.life.abort();
    this.placing += 1;
    this.position = undefined;
    this.setPlaced();
    this.queue.abort();
    this.room?.();
  }

  /** Takes a fetched batch, waiting a little when the queue is full; one from another position is dropped. */
  async offer(batch: FetchedBatch, taken: () => void): Promise<void> {
    if (this.position === undefined) return this.holdFetch();
    if (batch.from !== this.position) return this.place(this.position);
    this.position = batch.next;
    taken();
    this.queue.push(batch.records, batch.end);
    this.queue.reached(batch.next);
    if (!this.queue.full) return;
    const waiting = new AbortController();
    this.room = () => waiting.abort();
    await pause(ROOM_MS, waiting.signal);
    this.room = undefined;
    if (this.queue.full) this.holdFetch();
  }

  /** The fetcher went over records that nobody gets to see (transaction markers, compacted away). */
  skipped(next: number): void {
    if (this.position === undefined || next <= this.position) return;
    this.position = next;
    this.queue.reached(next);
  }

  place(offset: number): void {
    const turn = ++this.placing;
    this.position = undefined;
    this.queue.clear();
    this.holdFetch();
    void this.find(offset, () => turn !== this.placing);
  }

  drained(): void {
    this.room?.();
    if (this.paused && this.position !== undefined) this.letFetch();
  }

  commit(nextOffset: number): void {
    if (this.revoked) return;
    this.doneBelow = nextOffset;
    this.ports.commit(nextOffset);
  }

  private async run(before: Promise<void>): Promise<void> {
    void this.startPosition();
    await before;
    for (let attempt = 0; !this.ended; attempt++) {
      const [began, done] = [Date.now(), this.doneBelow];
      try {
        await this.worker(this.queue);
        if (!this.ended) throw new Error('the worker returned though its partition is still assigned');
      } catch (error) {
        if (this.ended) return;
        this.ports.failed(error);
        this.queue.retire();
        // It got on or lived long: what failed now is not what failed before.
        if (this.doneBelow !== done || Date.now() - began > 60_000) attempt = 0;
        await pause(backOff(attempt, 100, 5000), this.life.signal);
        if (this.ended) return;
        this.queue = this.freshQueue();
        if (this.doneBelow === undefined) void this.startPosition();
        else this.place(this.doneBelow);
      }
    }
  }

  private get ended(): boolean {
    return this.life.signal.aborted;
  }

  /** Finds out where the group stands and starts there, unless the worker has sought elsewhere meanwhile. */
  private async startPosition(): Promise<void> {
    const turn = this.placing;
    const start = await this.patiently(
      () => false,
      () => this.ports.start(),
    );
    if (start === undefined) return;
    this.doneBelow ??= start;
    if (turn === this.placing) this.place(start);
  }

  private async find(offset: number, moved: () => boolean): Promise<void> {
    const asked = Date.now();
    for (;;) {
      const range = await this.patiently(moved, () => this.ports.range());
      if (!range) return;
      this.queue.ended(range.end);
      if (offset >= range.start && offset <= range.end) return this.found(offset);
      if (offset < range.start || Date.now() - asked > BEYOND_END_MS) return this.lost(offset, range);
      await pause(200, this.life.signal);
    }
  }

  private found(offset: number): void {
    this.position = offset;
    this.queue.reached(offset);
    this.ports.seek(offset);
    this.letFetch();
    this.setPlaced();
  }

  private lost(position: number, range: Range): void {
    const { topic, partition } = this;
    this.queue.fail(new OffsetOutOfRangeError({ topic, partition, position, ...range }));
    this.setPlaced();
  }

  private patiently<T>(unwanted: () => boolean, ask: () => Promise<T>): Promise<T | undefined> {
    const { topic, partition } = this;
    return patiently(ask, unwanted, this.life.signal, (reason) =>
      this.logger.warn(
        { event: 'position.unknown', topic, partition, reason },
        'a position is not known yet',
      ),
    );
  }

  private holdFetch(): void {
    this.paused = true;
    this.ports.pause();
  }

  private letFetch(): void {
    this.paused = false;
    this.ports.resume();
  }

  private freshQueue(): BoundedQueue {
    return new BoundedQueue(this.topic, this.partition, this.size, this);
  }
}
