import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type KafkaAccess, kafkaAccess, topics } from '@maru/contracts';
import {
  type Acl,
  aclsOf,
  deadLetterTopic,
  deadLetterTopicSpec,
  retryTopic,
  type TopicSpec,
} from '@maru/kafka-client';
import { topicSpecs } from '@maru/service-kit';
import { parse } from 'yaml';
import { hasHelm, render } from './helm';
import type { Resource } from './resource';

const numbers = { chat: 24, event: 8, reply: 5, gatewaySlots: 16 };
const kafka = { partitions: numbers, replicationFactor: 3, minInsyncReplicas: 2 };
const text = (file: string) => readFileSync(path.resolve(__dirname, '../..', file), 'utf8');
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

interface TopicResource extends Resource {
  spec: { partitions: number; replicas: number; config: Record<string, string> };
}
interface UserResource extends Resource {
  spec: {
    authentication: { type: string };
    authorization: {
      acls: { resource: { type: string; name: string; patternType?: string }; operations: string[] }[];
    };
  };
}
interface KafkaResource extends Resource {
  spec: {
    kafka: { version: string; config: Record<string, unknown>; listeners: unknown[] };
  };
}

(hasHelm() ? describe : describe.skip)('the Kafka of the Helm chart', () => {
  let resources: Resource[];
  beforeAll(() => {
    resources = render({ delivery: 'routed', kafka });
  });
  const of = <T extends Resource>(kind: string) => resources.filter((one) => one.kind === kind) as T[];

  it('has every topic as the apps want it, and those for records that are put aside', () => {
    const env = {
      CHAT_PARTITIONS: numbers.chat,
      EVENT_PARTITIONS: numbers.event,
      REPLY_PARTITIONS: numbers.reply,
      GATEWAY_SLOTS: numbers.gatewaySlots,
      KAFKA_REPLICATION_FACTOR: 3,
      KAFKA_MIN_INSYNC_REPLICAS: 2,
    };
    const aside = Object.values<KafkaAccess>(kafkaAccess).flatMap(({ putsAside, handedAgain }) =>
      [...putsAside.map(deadLetterTopic), ...handedAgain.map(retryTopic)].map((name) =>
        deadLetterTopicSpec(name, kafka),
      ),
    );
    const made = of<TopicResource>('KafkaTopic').map(({ metadata, spec }): TopicSpec => ({
      name: metadata.name,
      partitions: spec.partitions,
      replicationFactor: spec.replicas,
      config: spec.config,
    }));
    const wanted = [...topicSpecs(Object.values(topics), env), ...aside];
    expect(made.sort(byName)).toEqual(wanted.sort(byName));
  });

  it.each(Object.entries<KafkaAccess>(kafkaAccess))(
    'lets %s do what it does, and nothing else',
    (app, access) => {
      const { spec } = of<UserResource>('KafkaUser').find(({ metadata }) => metadata.name === app) ?? {};
      const allowed = spec?.authorization.acls.map(({ resource, operations }) => ({
        user: app,
        resource: resource.type,
        name: resource.name,
        prefixed: resource.patternType === 'prefix',
        operations,
      }));
      expect(allowed?.sort(byName)).toEqual(aclsOf(app, access).sort(byName) satisfies Acl[]);
      expect(spec?.authentication.type).toBe('scram-sha-512');
    },
  );

  it('knows no other users', () => {
    expect(
      of('KafkaUser')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(Object.keys(kafkaAccess).sort());
  });

  it('has the brokers of the Compose file', () => {
    const compose = parse(text('docker/compose.yaml'), { merge: true }) as {
      services: Record<string, { environment: Record<string, string> }>;
    };
    // Where a broker is and who may speak to it is Strimzi's own.
    const strimzis = /^(advertised|controller|inter\.broker|listener|log\.dirs|node\.id|process\.roles)/;
    const wanted = Object.entries(compose.services['kafka-1']?.environment ?? {})
      .filter(([name]) => name.startsWith('KAFKA_'))
      .map(([name, value]): [string, string] => [
        name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'),
        value,
      ])
      .filter(([name]) => !strimzis.test(name));
    const { spec } = of<KafkaResource>('Kafka')[0] ?? {};
    const made = Object.entries(spec?.kafka.config ?? {}).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(made)).toEqual(Object.fromEntries(wanted));
    const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>(.+?)</.exec(
      text('libs/stack/kafka/pom.xml'),
    )?.[1];
    expect(spec?.kafka.version).toBe(version);
    expect(of('KafkaNodePool')[0]?.spec).toMatchObject({ replicas: 3, roles: ['controller', 'broker'] });
  });

  it('lets in who logs in over TLS, and nobody else', () => {
    expect(of<KafkaResource>('Kafka')[0]?.spec.kafka).toMatchObject({
      listeners: [{ tls: true, authentication: { type: 'scram-sha-512' } }],
      authorization: { type: 'simple' },
    });
  });

  it('stays, with all that is on it, when the chart goes', () => {
    const stores = resources.filter(({ kind }) => ['Kafka', 'KafkaNodePool', 'KafkaTopic'].includes(kind));
    for (const { metadata } of stores) {
      expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    }
    expect(JSON.stringify(of('KafkaNodePool'))).toContain('"deleteClaim":false');
  });

  it('is left out where another one is named', () => {
    const others = render({ kafka: { strimzi: false, external: { brokers: 'kafka.example:9092' } } });
    expect(others.filter(({ kind }) => kind.startsWith('Kafka'))).toEqual([]);
  });
});
