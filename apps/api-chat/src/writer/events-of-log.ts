import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { commandOffsetHeader, type RoomEvent, topics } from '@maru/contracts';
import { ConsumerService, type IncomingRecord, type PartitionQueue, TopicsAdmin } from '@maru/kafka-client';
import { Gathered, type Heard } from './gathered';
import { WriterRepository } from './writer.repository';

/** Brokers have clocks of their own; where they are further apart than this commands expire, or do not, by chance. */
const clockMs = 5 * 60_000;
const maxRecords = 1000;

/** Finds on `chat.events` what the store does not know. */
@Injectable()
export class EventsOfLog {
  /** How long the log may give nothing. */
  protected readonly silentMs: number = 60_000;
  /** Events held at once; about 1 KB each. */
  protected readonly most: number = 50_000;

  constructor(
    private readonly consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly repository: WriterRepository,
  ) {}

  /**
   * What came of the commands from `nextOffset` on. It begins where the log was at `since` (ms), by clocks that may differ. Where
   * something unknown comes first, it goes back until something known comes before it.
   */
  async unknownToStore(queue: PartitionQueue, nextOffset: number, since: number): Promise<Gathered> {
    const [ranges, times] = await Promise.all([
      this.admin.ranges(topics.chatEvents),
      this.admin.offsetsAt(topics.chatEvents, Math.max(0, since - clockMs)),
    ]);
    const { start, end } = ranges[queue.partition] ?? { start: 0, end: 0 };
    let from = Math.max(start, times[queue.partition] ?? start);
    for (;;) {
      const gathered = new Gathered(nextOffset, end, from === 0, this.most);
      await this.read(queue, from, gathered);
      // Known records prove nothing by themselves: each claim publishes the last ones again, at the end.
      gathered.whole = !gathered.late && (gathered.events.size > 0 || from > start || from === 0);
      if (!gathered.late || from === start) return gathered;
      from = Math.max(start, end - 2 * Math.max(end - from, maxRecords));
    }
  }

  /** The same of the commands after those in `before`, once the store has them. */
  async further(queue: PartitionQueue, before: Gathered): Promise<Gathered> {
    const gathered = new Gathered(before.until + 1, before.end, true, this.most);
    await this.read(queue, before.next, gathered);
    return gathered;
  }

  private async read(queue: PartitionQueue, from: number, gathered: Gathered): Promise<void> {
    const { partition } = queue;
    if (from >= gathered.end) return;
    queue.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const silence = new AbortController();
    const timer = setTimeout(
      () => silence.abort(new LogSilentError(partition, this.silentMs)),
      this.silentMs,
    );
    const signal = AbortSignal.any([queue.signal, silence.signal]);
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    const reading = this.consumer.subscribe({
      ...{ group: `api-chat.log.${randomUUID()}`, topics: [topics.chatEvents], signal },
      partitions: { [topics.chatEvents]: [partition] },
      worker: async (log) => {
        log.seek(from);
        await this.gather(log, gathered, () => timer.refresh()).then(resolve, reject);
        await ended(log.signal);
      },
    });
    reading.catch(reject);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      // Nothing waits for it: leaving a group whose broker does not answer takes its time.
      void reading.then((one) => one.stop(), reject);
    }
  }

  private async gather(log: PartitionQueue, gathered: Gathered, alive: () => void): Promise<void> {
    for (;;) {
      const records = await log.next(maxRecords, gathered.end);
      alive();
      if (records.length === 0 || !gathered.add(await this.heard(records))) return;
    }
  }

  private async heard(records: readonly IncomingRecord[]): Promise<Heard[]> {
    const heard = records.flatMap(({ value, headers, offset: at }) => {
      const event = value && (JSON.parse(value.toString()) as RoomEvent);
      const command = headers[commandOffsetHeader];
      return event ? [{ at, event, command: command === undefined ? undefined : Number(command) }] : [];
    });
    const heads = await this.repository.headsOf([...new Set(heard.map(({ event }) => event.roomId))]);
    return heard.map((one) => ({ ...one, known: one.event.seq <= (heads.get(one.event.roomId) ?? 0) }));
  }
}

/** `chat.events` could not be read at a claim. It is tried again; people look at it when it comes again and again. */
class LogSilentError extends Error {
  override name = 'LogSilentError';

  constructor(partition: number, ms: number) {
    super(
      `chat.events[${partition}] has given nothing for ${ms} ms to a group "api-chat.log.…". On a Kafka with access control api-chat must ` +
        'be allowed groups that begin so: npm run kafka-acls -- apply. See "Upgrade" in docs/operate.md.',
    );
  }
}

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
