import { kafkaAccess, type KafkaAccess } from '@maru/contracts';
import { deadLetterTopic, retryTopic } from '@maru/kafka-client';
import { code, table } from './table';

const list = (names: readonly string[]): string => names.map(code).join(', ') || '–';

/** What each app's Kafka user is allowed. */
export function accessTable(): string {
  const rows = Object.entries<KafkaAccess>(kafkaAccess).map(([app, access]) => [
    code(app),
    list([...access.reads, ...access.handedAgain.map(retryTopic)]),
    list([...access.writes, ...access.putsAside.map(deadLetterTopic)]),
    list([...access.groups, ...access.ownGroups.map((prefix) => `${prefix}*`)]),
  ]);
  return table(['user', 'reads', 'writes', 'consumer groups'], rows);
}
