import type { KafkaAccess } from '@maru/contracts';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type AclEntry,
  ResourcePatternTypes,
} from 'kafkajs';
import { deadLetterTopic, retryTopic } from '../dead-letters/dead-letter';

/** What a user may do with one topic, or with one group or all whose names begin so. */
export interface Acl {
  user: string;
  resource: 'topic' | 'group';
  name: string;
  /** `name` is how the names begin. */
  prefixed: boolean;
  operations: ('Read' | 'Write' | 'DescribeConfigs')[];
}

/**
 * The access of an app as Kafka's access control has it. To read or write a topic brings along to describe it;
 * idempotent producers need nothing more. Apps compare their topics with the settings, so they see the configuration.
 */
export function aclsOf(user: string, access: KafkaAccess): Acl[] {
  const { reads, writes, groups, ownGroups, putsAside, handedAgain } = access;
  const topic = (name: string, operations: Acl['operations']): Acl => ({
    ...{ user, resource: 'topic', name, prefixed: false, operations },
  });
  const group =
    (prefixed: boolean) =>
    (name: string): Acl => ({
      ...{ user, resource: 'group', name, prefixed, operations: ['Read'] },
    });
  return [
    ...[...new Set([...reads, ...writes])].map((name) =>
      topic(name, [
        ...(reads.includes(name) ? ['Read' as const] : []),
        ...(writes.includes(name) ? ['Write' as const] : []),
        'DescribeConfigs',
      ]),
    ),
    ...putsAside.map((name) => topic(deadLetterTopic(name), ['Write'])),
    ...handedAgain.map((name) => topic(retryTopic(name), ['Read'])),
    ...groups.map(group(false)),
    ...ownGroups.map(group(true)),
  ];
}

/** As arguments of Kafka's own tool: `kafka-acls --add …`. */
export function aclArguments({ user, resource, name, prefixed, operations }: Acl): string {
  return [
    `--add --allow-principal User:${user}`,
    ...operations.map((operation) => `--operation ${operation}`),
    `--${resource} ${name}`,
    ...(prefixed ? ['--resource-pattern-type prefixed'] : []),
  ].join(' ');
}

const operationTypes = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
};

/** As the protocol has it, one entry an operation. */
export function aclEntries({ user, resource, name, prefixed, operations }: Acl): AclEntry[] {
  return operations.map((operation) => ({
    principal: `User:${user}`,
    host: '*',
    operation: operationTypes[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: prefixed ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  }));
}
