import { Inject, Injectable } from '@nestjs/common';
import { topics } from '@maru/contracts';
import { TopicsAdmin } from '@maru/kafka-client';
import { type Kysely, sql } from '@maru/postgres';
import { ConfigError, STORE } from '@maru/service-kit';

/**
 * Offsets in the store mean something only on the log they were counted on. The store keeps which cluster,
 * topic and number of partitions that is; a start with others is refused.
 */
@Injectable()
export class TopologyService {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly admin: TopicsAdmin,
  ) {}

  /** @throws ConfigError with the remedy when the store belongs to another log. */
  async check(): Promise<void> {
    const [clusterId, commands, events] = await Promise.all([
      this.admin.clusterId(),
      this.admin.describeMade(topics.chatCommands),
      this.admin.describeMade(topics.chatEvents),
    ]);
    const now = commands.partitions;
    if (now !== events.partitions) {
      throw new ConfigError(
        `chat.commands has ${now} partitions and chat.events ${events.partitions}: they must have as many. ` +
          'Make both anew with the same CHAT_PARTITIONS.',
      );
    }
    const { topicId } = commands;
    const { rows } = await sql<{ clusterId: string; topicId: string; partitions: number }>`
      insert into topology as t (cluster_id, commands_topic_id, partitions) values (${clusterId}, ${topicId}, ${now})
      on conflict (one) do update set one = true
      returning cluster_id as "clusterId", commands_topic_id as "topicId", partitions`.execute(this.store);
    const kept = rows[0];
    if (kept === undefined) return;
    if (kept.clusterId === clusterId && kept.topicId === topicId && kept.partitions === now) return;
    throw new ConfigError(
      `The store was written with Kafka cluster ${kept.clusterId} and chat.commands ${kept.topicId} of ${kept.partitions} ` +
        `partitions, but this is ${clusterId} with ${topicId} of ${now}. Point KAFKA_BROKERS and DATABASE_URL at a pair that belongs together ` +
        '(on one machine: `npm run reset` starts anew), or see "Another log for the same store" in docs/operate.md.',
    );
  }
}
