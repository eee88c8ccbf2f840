import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import { parse } from 'yaml';
import { appNames, workspaceRoot } from '../apps';
import { portSettings } from '../ports';

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string; args: { APP: string } };
  environment: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const text = (file: string) => readFileSync(path.join(workspaceRoot, file), 'utf8');
const compose = parse(text('docker/compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const brokers = ['kafka-1', 'kafka-2', 'kafka-3'];
const service = (name: string): Service => compose.services[name] ?? { environment: {} };

describe('docker/compose.yaml', () => {
  it('is a Compose file by the schema of the Compose Specification', () => {
    // dclint carries the specification's file, schema/compose-spec.json.
    const { $schema, ...schema } = JSON.parse(
      text('node_modules/dclint/schemas/compose.schema.json'),
    ) as AnySchemaObject;
    expect($schema).toContain('draft-07');
    const validate = new Ajv({ strict: false, validateFormats: false }).compile<unknown>(schema);
    const errors = (file: unknown) => (validate(file) === true ? [] : validate.errors);
    expect(errors(compose)).toEqual([]);
    expect(errors({ services: { 'kafka-1': { imag: 'apache/kafka' } } })).not.toEqual([]);
  });

  it('runs the Kafka that npm start and the tests run, three times, on 9093 to 9095', () => {
    const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>(.+?)</.exec(
      text('libs/stack/kafka/pom.xml'),
    )?.[1];
    brokers.forEach((name, index) => {
      const port = portSettings.kafkas.port + index;
      expect(service(name).image).toBe(`apache/kafka:${version}`);
      expect(service(name).ports).toEqual([`127.0.0.1:${port}:${port}`]);
      expect(service(name).volumes).toEqual([`${name}:/var/lib/kafka/data`]);
      expect(service(name).environment).toMatchObject({
        KAFKA_NODE_ID: String(index + 1),
        KAFKA_ADVERTISED_LISTENERS: `INSIDE://${name}:19092,HOST://127.0.0.1:${port}`,
      });
    });
    const ids = brokers.map((name) => service(name).environment.CLUSTER_ID ?? '');
    expect(new Set(ids).size).toBe(1);
    expect(Buffer.from(ids[0] ?? '', 'base64url')).toHaveLength(16);
  });

  it('keeps every record three times, acknowledges at two, makes no topic unasked', () => {
    for (const name of brokers) {
      expect(service(name).environment).toMatchObject({
        KAFKA_DEFAULT_REPLICATION_FACTOR: '3',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '3',
        KAFKA_MIN_INSYNC_REPLICAS: '2',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_LOG_MESSAGE_TIMESTAMP_TYPE: 'LogAppendTime',
      });
    }
  });

  it.each(appNames)('builds %s from the one Dockerfile and tells it three replicas, two in sync', (app) => {
    const { build, environment } = service(app);
    expect(build).toEqual({ context: '..', dockerfile: 'docker/Dockerfile', args: { APP: app } });
    expect(environment).toMatchObject({ KAFKA_REPLICATION_FACTOR: '3', KAFKA_MIN_INSYNC_REPLICAS: '2' });
    const { port } = Object.values(portSettings).find((setting) => setting.name === app) ?? { port: 0 };
    expect(environment.PORT).toBe(String(port));
    expect(environment.DATABASE_URL === undefined).toBe(['gateway', 'router'].includes(app));
  });

  it('waits only for services that exist and can say that they are healthy', () => {
    for (const { depends_on: needed = {} } of Object.values(compose.services)) {
      for (const [name, { condition }] of Object.entries(needed)) {
        expect(condition).toBe('service_healthy');
        // Of an app the image says how to look; see the Dockerfile.
        expect(service(name).healthcheck ?? service(name).build).toBeDefined();
      }
    }
    expect(Object.keys(service('gateway').depends_on ?? {})).toEqual(['api-users', 'api-auth', 'api-chat']);
  });

  it('holds no secret', () => {
    const all = Object.values(compose.services).flatMap(({ environment }) => Object.entries(environment));
    const secrets = all.filter(([key]) => /SECRET|PASSWORD|DATABASE_URL/.test(key));
    expect(secrets.length).toBeGreaterThan(0);
    for (const [, value] of secrets) expect(value).toMatch(/\$\{(INTERNAL_SECRET|POSTGRES_PASSWORD)/);
  });
});

describe('docker/Dockerfile', () => {
  const dockerfile = text('docker/Dockerfile');

  it('ends in Node 24 without development packages, not as root, and says when it is ready', () => {
    expect(dockerfile.match(/^FROM .*$/gm)).toEqual([
      'FROM node:24-slim AS build',
      'FROM node:24-slim AS packages',
      'FROM node:24-slim',
    ]);
    expect(dockerfile).toMatch(/^RUN npm ci --omit=dev/m);
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    expect(last).toMatch(/^ARG APP$/m);
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
  });
});
