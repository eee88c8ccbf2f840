import { accessTokenSeconds, sessionEnded, sessionsRevoked, topics } from '@maru/contracts';
import {
  type ConsumerService,
  type IncomingRecord,
  OffsetOutOfRangeError,
  type PartitionQueue,
  type TopicsAdmin,
} from '@maru/kafka-client';
import type { Logger } from '../logging/logger';
import type { Identity } from './access';

export type EndedListener = (userId: string) => void;

/**
 * The sessions that ended within a token's life, one by one or all of a user's, from `auth.events`: read from that far back before the
 * process is ready, so that a revoked session stays out here too.
 */
export class EndedSessions {
  private readonly endedAt = new Map<string, number>();
  /** By user: his tokens that were issued at this time (ms) or before are over. */
  private readonly usersEndedAt = new Map<string, number>();
  private readonly keptMs: number;
  private readonly listeners: EndedListener[] = [];
  /** Next offset to be read of each partition; kept over rejoins. */
  private readonly positions = new Map<number, number>();

  constructor(
    private readonly consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly group: string,
    private readonly logger: Logger,
    longestTokenSeconds = accessTokenSeconds,
  ) {
    // A minute more than a token lives, for clocks that differ.
    this.keptMs = (Math.max(longestTokenSeconds, accessTokenSeconds) + 60) * 1000;
  }

  has({ sessionId, userId, issuedAt }: Pick<Identity, 'sessionId' | 'userId' | 'issuedAt'>): boolean {
    if (this.endedAt.has(sessionId)) return true;
    const before = this.usersEndedAt.get(userId);
    return before !== undefined && issuedAt * 1000 <= before;
  }

  /** Calls `listener` with the user whenever a session, or all of his, end from now on. */
  onEnded(listener: EndedListener): void {
    this.listeners.push(listener);
  }

  /** Resolves once all that ended before now is known. */
  async start(): Promise<void> {
    const ends = await this.admin.ends(topics.authEvents);
    const starts = await this.admin.offsetsAt(topics.authEvents, Date.now() - this.keptMs);
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
    const type = record.headers['ce_type'] ?? '';
    if (record.value === null || !isEnd(type)) return;
    const userId = this.takeEnd(type, record.value);
    if (userId === undefined) {
      const { topic, partition, offset } = record;
      this.logger.error({ event: 'record_not_understood', topic, partition, offset });
      return;
    }
    for (const listener of this.listeners) listener(userId);
  }

  /** Whose it was. What is not as its contract says ends nobody's, and must not stop the reading of those that are. */
  private takeEnd(type: EndType, value: Buffer): string | undefined {
    this.forgetOld(this.endedAt);
    this.forgetOld(this.usersEndedAt);
    try {
      if (type === 'sessions.revoked') {
        const { userId, at } = sessionsRevoked.parse(JSON.parse(value.toString()));
        const before = Math.max(Date.parse(at), this.usersEndedAt.get(userId) ?? 0);
        this.usersEndedAt.delete(userId);
        this.usersEndedAt.set(userId, before);
        return userId;
      }
      const { userId, sessionId } = sessionEnded.parse(JSON.parse(value.toString()));
      this.endedAt.set(sessionId, Date.now());
      return userId;
    } catch {
      return undefined;
    }
  }

  /** Entries stand in the order they came, so the old ones are in front. */
  private forgetOld(ends: Map<string, number>): void {
    const limit = Date.now() - this.keptMs;
    for (const [id, at] of ends) {
      if (at >= limit) return;
      ends.delete(id);
    }
  }
}

type EndType = 'session.ended' | 'session.revoked' | 'sessions.revoked';
const ends: readonly string[] = ['session.ended', 'session.revoked', 'sessions.revoked'] satisfies EndType[];
const isEnd = (type: string): type is EndType => ends.includes(type);
