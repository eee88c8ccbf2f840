import { type Admin, ConfigResourceTypes } from 'kafkajs';
import type { TopicShape, TopicSpec } from './topic-spec';

/** The topic's present values of the settings that its spec names. */
export async function readConfig(admin: Admin, spec: TopicSpec): Promise<Record<string, string>> {
  const configNames = Object.keys(spec.config);
  if (configNames.length === 0) return {};
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: spec.name, configNames }],
  });
  const entries = resources[0]?.configEntries ?? [];
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** `delete,compact` and `compact, delete` are the same. */
const plain = (value: string | undefined) =>
  (value ?? '')
    .split(',')
    .map((word) => word.trim())
    .sort()
    .join(',');

/** One sentence a difference: what is, what should be, and what to do about it. */
export function differences(spec: TopicSpec, found: TopicShape, config: Record<string, string>): string[] {
  const { name } = spec;
  const lines: string[] = [];
  if (found.partitions !== spec.partitions) {
    lines.push(
      `Topic ${name} has ${found.partitions} partitions, its configuration says ${spec.partitions}. ` +
        `Set the configuration to ${found.partitions}, since keys would change theirs; CHAT_PARTITIONS is raised by a command, see "More partitions" in docs/operate.md.`,
    );
  }
  if (found.replicationFactor !== spec.replicationFactor) {
    lines.push(
      `Topic ${name} has replication factor ${found.replicationFactor}, its configuration says ${spec.replicationFactor}. ` +
        `Set KAFKA_REPLICATION_FACTOR to ${found.replicationFactor}, or move the topic with kafka-reassign-partitions.`,
    );
  }
  for (const [key, wanted] of Object.entries(spec.config)) {
    if (plain(config[key]) === plain(wanted)) continue;
    lines.push(
      `Topic ${name} has ${key}=${config[key] ?? '(unset)'}, its configuration says ${wanted}. ` +
        `Change the configuration, or the topic: kafka-configs --alter --entity-type topics --entity-name ${name} --add-config '${key}=[${wanted}]'.`,
    );
  }
  return lines;
}
