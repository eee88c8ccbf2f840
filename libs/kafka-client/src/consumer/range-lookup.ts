import type { TopicsAdmin } from '../topics/topics-admin';

export interface Range {
  start: number;
  end: number;
}

/** Where partitions begin and end now; asked once for all that ask in the same turn of the event loop. */
export class RangeLookup {
  private readonly open = new Map<string, Promise<Range[]>>();

  constructor(private readonly topics: TopicsAdmin) {}

  async of(topic: string, partition: number): Promise<Range> {
    let ranges = this.open.get(topic);
    if (!ranges) {
      ranges = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        // Whoever asks from now on wants to know of a later moment.
        this.open.delete(topic);
        return this.topics.ranges(topic);
      });
      this.open.set(topic, ranges);
    }
    const range = (await ranges)[partition];
    if (!range) throw new Error(`${topic} has no partition ${partition}`);
    return range;
  }
}
