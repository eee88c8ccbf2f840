import type { TopicPartition } from '../records/record';
import type { TopicsAdmin } from '../topics/topics-admin';
import { type Range, RangeLookup } from './range-lookup';
import type { Subscription } from './subscription';

const nameOf = (group: string, { topic, partition }: TopicPartition) => `${group} ${topic}/${partition}`;

/** Where groups stand: what they committed, else what this process remembers, else as `fromBeginning` says. */
export class Positions {
  private readonly remembered = new Map<string, number>();
  private readonly ranges: RangeLookup;

  constructor(
    private readonly topics: TopicsAdmin,
    private readonly fromBeginning: boolean,
  ) {
    this.ranges = new RangeLookup(topics);
  }

  range({ topic, partition }: TopicPartition): Promise<Range> {
    return this.ranges.of(topic, partition);
  }

  /** The look-up of one assignment: what was committed is asked once for all its partitions. `settled` hears of a
   * start that came from the setting: it has to be committed, else the next start "at the end" is another. */
  of(
    subscription: Subscription,
    settled: (at: TopicPartition, offset: number) => void,
  ): (at: TopicPartition) => Promise<number> {
    const { group, topics, partitions, fromBeginning = this.fromBeginning } = subscription;
    let asked: ReturnType<TopicsAdmin['committed']> | undefined;
    const committed = async ({ topic, partition }: TopicPartition) => {
      // A group of one that chose its partitions commits nowhere.
      if (partitions) return undefined;
      asked ??= this.topics.committed(group, topics);
      asked.catch(() => (asked = undefined));
      return (await asked)[topic]?.[partition];
    };
    return async (at) => {
      const known = (await committed(at)) ?? this.remembered.get(nameOf(group, at));
      if (known !== undefined) return known;
      const { start, end } = await this.range(at);
      const offset = fromBeginning ? start : end;
      settled(at, offset);
      return offset;
    };
  }

  done({ group }: Subscription, at: TopicPartition, offset: number): void {
    this.remembered.set(nameOf(group, at), offset);
  }
}
