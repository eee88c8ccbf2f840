import type { PartitionQueue } from '@maru/kafka-client';
import type { Claim } from './writer.repository';

/** A claim, how the log stood to it then, and its queue, all of it in places. */
export interface Claimed extends Claim {
  /** The end of `chat.commands`. */
  end: number;
  /** Below lies what the writers before have told Kafka to have decided; 0 where that is of a log that lost records since. */
  committed: number;
  queue: PartitionQueue;
}

/**
 * A command's place is its offset, and `base` more on a log that is not the store's first: so places never go back, and what was
 * counted in them stays true. This is the partition's queue, counted in places. What its group has been told, `told`, is never taken
 * back: it says how far a store had come that has been lost.
 */
export function inPlaces(queue: PartitionQueue, base: number, told: number): PartitionQueue {
  return {
    topic: queue.topic,
    partition: queue.partition,
    signal: queue.signal,
    next: async (max, end = Infinity) =>
      (await queue.next(max, end - base)).map((record) => ({ ...record, offset: record.offset + base })),
    seek: (place) => queue.seek(place - base),
    commit: (nextPlace) => {
      told = Math.max(told, nextPlace);
      queue.commit(told - base);
    },
    high: () => queue.high() + base,
  };
}
