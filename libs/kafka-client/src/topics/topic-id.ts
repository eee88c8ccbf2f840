import type { KafkaConfig } from '../config/kafka.config';

/** kafkajs speaks no version of the protocol that tells topic ids. */
export async function topicIdOf(_config: KafkaConfig, _topic: string): Promise<string | undefined> {
  return undefined;
}
