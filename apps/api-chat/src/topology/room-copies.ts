import { topics } from '@maru/contracts';
import { partitionOf, type TopicsAdmin } from '@maru/kafka-client';
import type { EventPublisher } from '../writer/event-publisher';
import type { StoredEvent } from '../writer/writer.repository';
import type { TopologyRepository } from './topology.repository';

export interface CopyParts {
  repository: TopologyRepository;
  admin: TopicsAdmin;
  /** Makes one that has asked nobody yet how many partitions there are. */
  publisher: () => Promise<EventPublisher>;
  /** Told of each step before it is done. */
  say: (line: string) => void;
}

const pageOfRooms = 500;
const pageOfEvents = 5000;

/**
 * Puts all events of rooms on `chat.events`, each room's from its first on. Who reads them and drops what is not new by its seq
 * meets each event once and in order, wherever he stood before.
 */
export class RoomCopies {
  constructor(private readonly parts: CopyParts) {}

  /** Of the rooms that `which` names, into the partitions that they have among so many. @throws Error when some did not arrive */
  async make(partitions: number, which: (roomId: string) => boolean): Promise<void> {
    const { admin, say } = this.parts;
    const publisher = await this.parts.publisher();
    const before = await admin.ends(topics.chatEvents);
    const sent = new Map<number, number>();
    let copied = 0;
    for await (const events of this.events(which)) {
      say(`chat.events: ${(copied += events.length)} events are copied.`);
      const parts = [...Map.groupBy(events, ({ roomId }) => partitionOf(roomId, partitions))];
      await Promise.all(parts.map(([partition, part]) => publisher.copy(partition, part)));
      for (const [partition, { length }] of parts) sent.set(partition, (sent.get(partition) ?? 0) + length);
    }
    const after = await admin.ends(topics.chatEvents);
    for (const [partition, count] of sent) {
      const came = (after[partition] ?? 0) - (before[partition] ?? 0);
      if (came < count)
        throw new Error(`chat.events[${partition}] took ${came} of ${count} events: run this again.`);
    }
  }

  private async *events(which: (roomId: string) => boolean): AsyncGenerator<StoredEvent[]> {
    const { repository } = this.parts;
    for (let room: string | undefined; ;) {
      const rooms = await repository.rooms(room, pageOfRooms);
      room = rooms.at(-1);
      if (room === undefined) return;
      const wanted = rooms.filter(which);
      for (let last: StoredEvent | undefined; wanted.length > 0;) {
        const events = await repository.events(wanted, last, pageOfEvents);
        last = events.at(-1);
        if (last === undefined) break;
        yield events;
      }
    }
  }
}
