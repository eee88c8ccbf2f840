import { compacted, partitionedByRoom, retentionMs, type TopicName } from '@maru/contracts';
import type { TopicSpec } from '@maru/kafka-client';
import { z } from 'zod';
import { count, type EnvShape } from '../config/environment';

/** How many partitions new topics get. All apps must have the same numbers; existing topics keep theirs. */
export const topicsEnv = {
  CHAT_PARTITIONS: count
    .default(12)
    .describe(
      'partitions of chat.commands, chat.events, chat.reads, chat.signals, gateway.rooms and gateway.joins; raised by a command alone',
    ),
  EVENT_PARTITIONS: count
    .default(6)
    .describe('partitions of users.events, auth.events, presence and notifications'),
  REPLY_PARTITIONS: count.default(12).describe('partitions of replies'),
  GATEWAY_SLOTS: count
    .default(32)
    .describe('partitions of gateway.deliveries; gateways that share one read what is for the other too'),
  CHAT_EVENTS_RETENTION_DAYS: count
    .optional()
    .describe(
      'days for which chat.events is kept; unset: for ever, so that other services may read all of it',
    ),
} satisfies EnvShape;

type TopicsEnv = z.infer<z.ZodObject<typeof topicsEnv>> & {
  KAFKA_REPLICATION_FACTOR: number;
  KAFKA_MIN_INSYNC_REPLICAS: number;
};

/**
 * The topics as the settings want them, for `TopicsAdmin.ensure`. Each app names those that it reads or
 * writes, so that any of them may be the first to start.
 */
export function topicSpecs(names: readonly TopicName[], env: TopicsEnv): TopicSpec[] {
  return names.map((name) => ({
    name,
    partitions: partitionsOf(name, env),
    replicationFactor: env.KAFKA_REPLICATION_FACTOR,
    config: {
      'retention.ms': String(keptMs(name, env)),
      'cleanup.policy': compacted.includes(name) ? 'compact,delete' : 'delete',
      // Who starts reads all of it: so what is outdated is to go soon.
      ...(compacted.includes(name) && { 'segment.ms': '600000', 'min.cleanable.dirty.ratio': '0.1' }),
      'message.timestamp.type': 'LogAppendTime',
      'min.insync.replicas': String(env.KAFKA_MIN_INSYNC_REPLICAS),
    },
  }));
}

function keptMs(name: TopicName, { CHAT_EVENTS_RETENTION_DAYS: days }: TopicsEnv): number {
  return name === 'chat.events' && days !== undefined ? days * 24 * 60 * 60 * 1000 : retentionMs[name];
}

function partitionsOf(name: TopicName, env: TopicsEnv): number {
  if (partitionedByRoom.includes(name)) return env.CHAT_PARTITIONS;
  if (name === 'gateway.deliveries') return env.GATEWAY_SLOTS;
  return name === 'replies' ? env.REPLY_PARTITIONS : env.EVENT_PARTITIONS;
}
