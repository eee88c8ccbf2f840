import { Injectable } from '@nestjs/common';
import { topics } from '@maru/contracts';
import { TopicsAdmin } from '@maru/kafka-client';
import { ConfigError } from '@maru/service-kit';
import { type Topology, TopologyRepository } from './topology.repository';

/**
 * Offsets in the store mean something only on the log they were counted on. The store keeps which cluster,
 * topic and number of partitions that is; a start with others is refused.
 */
@Injectable()
export class TopologyService {
  constructor(
    private readonly repository: TopologyRepository,
    private readonly admin: TopicsAdmin,
  ) {}

  /** The log that there is. @throws ConfigError with the remedy when the store belongs to another one, or is being moved. */
  async check(): Promise<Topology> {
    const [clusterId, commands, events] = await Promise.all([
      this.admin.clusterId(),
      this.admin.describeMade(topics.chatCommands),
      this.admin.describeMade(topics.chatEvents),
    ]);
    const { topicId, partitions } = commands;
    if (partitions !== events.partitions) {
      throw new ConfigError(
        `chat.commands has ${partitions} partitions and chat.events ${events.partitions}: they must have as many. ` +
          `A \`repartition\` that has not ended goes on when it is run again: ${morePartitions}.`,
      );
    }
    const now = { clusterId, topicId, partitions };
    const kept = await this.repository.keep(now);
    if (!isSameLog(kept, now)) throw anotherLog(kept, now);
    if (kept.moving !== null)
      throw new ConfigError(
        `\`${kept.moving}\` has begun and not ended, and nobody writes until it has: run it again, or take it back: ` +
          'see "More partitions" and "Another log for the same store" in docs/operate.md.',
      );
    if (kept.partitions === partitions) return now;
    throw new ConfigError(
      `The store counts on ${kept.partitions} partitions of chat.commands, but there are ${partitions}. ` +
        `With more of them than before run \`repartition\` to its end: ${morePartitions}.`,
    );
  }
}

export const isSameLog = (one: Topology, other: Topology): boolean =>
  one.clusterId === other.clusterId && one.topicId === other.topicId;

export const anotherLog = (kept: Topology, now: Topology): ConfigError =>
  new ConfigError(
    `The store was written with Kafka cluster ${kept.clusterId} and chat.commands ${kept.topicId} of ${kept.partitions} ` +
      `partitions, but this is ${now.clusterId} with ${now.topicId} of ${now.partitions}. Point KAFKA_BROKERS and DATABASE_URL at a pair ` +
      'that belongs together (on one machine: `npm run reset` starts anew), or go on with this log, if it is new, by the command `another-log`: ' +
      'see "Another log for the same store" in docs/operate.md.',
  );

const morePartitions = 'see "More partitions" in docs/operate.md';
