import { randomUUID } from 'node:crypto';
import { type RoomEvent, topics } from '@maru/contracts';
import { ConsumerService, type KafkaConfig, type PartitionQueue, TopicsAdmin } from '@maru/kafka-client';
import type { LogRecord } from '../support/judge-log';
import { until } from '../support/until';

const topic = topics.chatEvents;
const readWithinMs = 120_000;

/** `chat.events` from where it ended when a check began, as any other service would read it. */
export class ChatEvents {
  private constructor(
    private readonly config: KafkaConfig,
    private readonly starts: readonly number[],
  ) {}

  /** Remembers the log's ends as they are now. */
  static async fromHere(config: KafkaConfig): Promise<ChatEvents> {
    return new ChatEvents(config, await endsOf(config));
  }

  /** What was written since, up to the ends of now: the records of each of these rooms in the order of the log. */
  async read(roomIds: readonly string[]): Promise<Map<string, LogRecord[]>> {
    const ends = await endsOf(this.config);
    const chosen = ends.flatMap((end, partition) => (end > this.start(partition) ? [partition] : []));
    const read = chosen.length === 0 ? [] : await this.readPartitions(chosen, ends, new Set(roomIds));
    const rooms = new Map<string, LogRecord[]>(roomIds.map((id) => [id, []]));
    for (const record of read) rooms.get(record.event.roomId)?.push(record);
    return rooms;
  }

  private async readPartitions(
    chosen: number[],
    ends: readonly number[],
    rooms: ReadonlySet<string>,
  ): Promise<LogRecord[]> {
    const read = new Map<number, LogRecord[]>();
    const consumer = new ConsumerService(this.config);
    try {
      await consumer.subscribe({
        group: `check.${randomUUID()}`,
        topics: [topic],
        partitions: { [topic]: chosen },
        worker: async (queue) => {
          read.set(queue.partition, await this.readPartition(queue, ends[queue.partition] ?? 0, rooms));
          // A worker stays for as long as it has its partition.
          await new Promise((resolve) => queue.signal.addEventListener('abort', resolve));
        },
      });
      await until(`${topic} is read to its end`, () => read.size === chosen.length, readWithinMs);
    } finally {
      await consumer.stop();
    }
    return [...read.values()].flat();
  }

  private async readPartition(
    queue: PartitionQueue,
    end: number,
    rooms: ReadonlySet<string>,
  ): Promise<LogRecord[]> {
    const { partition } = queue;
    const read: LogRecord[] = [];
    queue.seek(this.start(partition));
    for (let next = this.start(partition); next < end;) {
      for (const { offset, key, value } of await queue.next(1000)) {
        next = offset + 1;
        const event = JSON.parse(value?.toString() ?? '') as RoomEvent;
        if (offset < end && rooms.has(event.roomId))
          read.push({ partition, key: key?.toString() ?? '', event });
      }
    }
    return read;
  }

  private start(partition: number): number {
    return this.starts[partition] ?? 0;
  }
}

async function endsOf(config: KafkaConfig): Promise<number[]> {
  const admin = new TopicsAdmin(config);
  try {
    return await admin.ends(topic);
  } finally {
    await admin.stop();
  }
}
