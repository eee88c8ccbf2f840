import { routedTopics, topics } from '@maru/contracts';
import { type KafkaConfig, kafkaConfig, kafkaConfigFrom, TopicsAdmin } from '@maru/kafka-client';
import type { CheckStack } from './check-stack';

/** Which cluster it is, and the ids that its topics got when they were made. */
export interface Identity {
  clusterId: string;
  topicIds: Record<string, string>;
}

/** How to speak to the stack's brokers; log-in and encryption as the environment has them. */
export function kafkaOf({ brokers }: Pick<CheckStack, 'brokers'>): KafkaConfig {
  const env = kafkaConfig.parse({ ...process.env, KAFKA_BROKERS: brokers.join() });
  return kafkaConfigFrom({ ...env, KAFKA_SEND_TIMEOUT_MS: 30_000 }, 'check');
}

/** @throws when the brokers are of another cluster than run.json names. */
export async function identityOf(stack: Pick<CheckStack, 'brokers' | 'read'>): Promise<Identity> {
  const admin = new TopicsAdmin(kafkaOf(stack));
  try {
    const clusterId = await admin.clusterId();
    const expected = stack.read()?.clusterId ?? clusterId;
    if (clusterId !== expected) throw new Error(`This is cluster ${clusterId}, not ${expected} of run.json.`);
    const topicIds: Record<string, string> = {};
    for (const name of Object.values(topics)) {
      const topicId = (await admin.describe(name))?.topicId;
      if (topicId === undefined && routedTopics.includes(name)) continue;
      if (topicId === undefined) throw new Error(`Cluster ${clusterId} does not tell the id of ${name}.`);
      topicIds[name] = topicId;
    }
    return { clusterId, topicIds };
  } finally {
    await admin.stop();
  }
}

/** @throws when it is no longer the same cluster with the same topics. */
export function sameIdentity(before: Identity, after: Identity): void {
  const moved = Object.keys(before.topicIds).filter((name) => before.topicIds[name] !== after.topicIds[name]);
  if (before.clusterId !== after.clusterId)
    throw new Error(`The check began on cluster ${before.clusterId} and ended on ${after.clusterId}.`);
  if (moved.length > 0) throw new Error(`${moved.join()} was made anew while the check ran.`);
}
