import { accessTokenSeconds, sessionEnded, type SessionEnded, topics } from '@maru/contracts';
import {
  type ConsumerService,
  type IncomingRecord,
  OffsetOutOfRangeError,
  type PartitionQueue,
  type TopicsAdmin,
} from '@maru/kafka-client';
import type { Logger } from '../logging/logger';

/** A minute more than a token lives, for clocks that differ. */
const keptMs = (accessTokenSeconds + 60) * 1000;

export type EndedListener = (sessionId: string, userId: string) => void;

/**
 * The sessions that ended within a token's life, from `auth.events`: read from that far back before the
 * process is ready, so that a revoked session stays out here too.
 */
export class EndedSessions {
  private readonly endedAt = new Map<string, number>();
  private readonly listeners: EndedListener[] = [];
  /** Next offset to be read of each partition; kept over rejoins. */
  private readonly positions = new Map<number, number>();

  constructor(
    private readonly consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly group: string,
    private readonly logger: Logger,
  ) {}

  has(sessionId: string): boolean {
    return this.endedAt.has(sessionId);
  }

  /** Calls `listener` for each session that ends from now on. */
  onEnded(listener: EndedListener): void {
    this.listeners.push(listener);
  }

  /** Resolves once all that ended before now is known. */
  async start(): Promise<void> {
    const ends = await this.admin.ends(topics.authEvents);
    const starts = await this.admin.offsetsAt(topics.authEvents, Date.now() - keptMs);
    starts.forEach((offset, partition) => this.positions.set(partition, offset));
    const behind = new Map(
      [...ends.entries()].filter(([partition, end]) => (this.positions.get(partition) ?? 0) < end),
    );
    await new Promise<void>((resolve, reject) => {
      const advanced = (partition: number): void => {
        const end = behind.get(partition);
        if (end !== undefined && (this.positions.get(partition) ?? 0) >= end) behind.delete(partition);
        if (behind.size === 0) resolve();
      };
      this.consumer
        .subscribe({
          group: this.group,
          topics: [topics.authEvents],
          worker: (queue) => this.read(queue, advanced),
        })
        .then(() => behind.size === 0 && resolve(), reject);
    });
  }

  private async read(queue: PartitionQueue, advanced: (partition: number) => void): Promise<void> {
    queue.seek(this.positions.get(queue.partition) ?? 0);
    while (!queue.signal.aborted) {
      const records = await this.next(queue);
      for (const record of records) this.apply(record);
      const last = records.at(-1);
      if (last) this.positions.set(queue.partition, last.offset + 1);
      advanced(queue.partition);
    }
  }

  /** A place that the log no longer has: what is left is read, as to hear of an end twice changes nothing. */
  private async next(queue: PartitionQueue): Promise<IncomingRecord[]> {
    try {
      return await queue.next(1000);
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error;
      const { topic, partition, position, start } = error.at;
      this.logger.error({ event: 'position_gone', topic, partition, offset: position, start });
      this.positions.set(partition, start);
      queue.seek(start);
      return [];
    }
  }

  private apply(record: IncomingRecord): void {
    const type = record.headers['ce_type'];
    if (record.value === null || (type !== 'session.ended' && type !== 'session.revoked')) return;
    const event = readEvent(record.value);
    if (event === undefined) {
      const { topic, partition, offset } = record;
      this.logger.error({ event: 'record_not_understood', topic, partition, offset });
      return;
    }
    const { sessionId, userId } = event;
    this.forgetOld();
    this.endedAt.set(sessionId, Date.now());
    for (const listener of this.listeners) listener(sessionId, userId);
  }

  /** Entries stand in the order they came, so the old ones are in front. */
  private forgetOld(): void {
    const limit = Date.now() - keptMs;
    for (const [sessionId, at] of this.endedAt) {
      if (at >= limit) return;
      this.endedAt.delete(sessionId);
    }
  }
}

/** What is not as its contract says ends nobody's session, and must not stop the reading of those that are. */
function readEvent(value: Buffer): SessionEnded | undefined {
  try {
    return sessionEnded.parse(JSON.parse(value.toString()));
  } catch {
    return undefined;
  }
}
