import { freePort } from './free-port';
import { StackError } from './stack-error';

export interface PortSetting {
  /** What listens there. */
  name: string;
  /** The port of the first one. */
  port: number;
  /** From one to the next, where there can be several. */
  step?: number;
  /** The setting that moves it. */
  env: string;
  description: string;
}

/** Every port of `npm start`. The table in the docs is made from this one. */
export const portSettings = {
  users: { name: 'api-users', port: 3301, env: 'API_USERS_PORT', description: 'sign-up, profile, friends' },
  auth: { name: 'api-auth', port: 3302, env: 'API_AUTH_PORT', description: 'log-in, tokens, sessions' },
  chat: {
    name: 'api-chat',
    port: 3303,
    step: 10,
    env: 'API_CHAT_PORT',
    description: 'rooms and messages; `--writers`',
  },
  router: {
    name: 'router',
    port: 3306,
    step: 10,
    env: 'ROUTER_PORT',
    description: 'health and metrics of routers, with `DELIVERY=routed`; `--routers`',
  },
  gateway: {
    name: 'gateway',
    port: 3310,
    step: 10,
    env: 'GATEWAY_PORT',
    description: 'the public door; `--gateways`',
  },
  mqtt: {
    name: 'gateway (MQTT)',
    port: 1883,
    step: 10,
    env: 'GATEWAY_MQTT_PORT',
    description: "each gateway's MQTT over TCP",
  },
  postgres: { name: 'postgres', port: 3332, env: 'POSTGRES_PORT', description: 'PostgreSQL' },
  kafka: { name: 'kafka', port: 9092, env: 'KAFKA_PORT', description: 'the only broker' },
  kafkaController: {
    name: 'kafka controller',
    port: 9192,
    env: 'KAFKA_CONTROLLER_PORT',
    description: 'its controller',
  },
  kafkas: {
    name: 'kafka',
    port: 9093,
    step: 1,
    env: 'KAFKA_CLUSTER_PORT',
    description: 'three brokers; `--brokers 3`',
  },
  kafkaControllers: {
    name: 'kafka controller',
    port: 9193,
    step: 1,
    env: 'KAFKA_CLUSTER_CONTROLLER_PORT',
    description: 'their controllers',
  },
  cassandra: {
    name: 'cassandra',
    port: 9042,
    env: 'CASSANDRA_PORT',
    description: 'old history; `--history cql`',
  },
  cassandraStorage: {
    name: 'cassandra (storage)',
    port: 7000,
    env: 'CASSANDRA_STORAGE_PORT',
    description: 'where its nodes would speak to one another',
  },
} satisfies Record<string, PortSetting>;

export interface PortPlan {
  users: number;
  auth: number;
  chat: number[];
  router: number[];
  gateway: number[];
  mqtt: number[];
  postgres: number;
  kafka: number[];
  kafkaControllers: number[];
  /** None where all history stays in PostgreSQL. */
  cassandra: number[];
  cassandraStorage: number[];
}

export interface Counts {
  gateways: number;
  writers: number;
  /** None where every gateway reads all events. */
  routers?: number;
  brokers: 1 | 3;
  /** None where all history stays in PostgreSQL. */
  cassandras?: 0 | 1;
}

/** The ports by the table and the settings in `env`. */
export function plannedPorts(counts: Counts, env: NodeJS.ProcessEnv): PortPlan {
  const first = (setting: PortSetting) => portFrom(env, setting);
  const row = (setting: PortSetting, count: number) =>
    Array.from({ length: count }, (_, index) => first(setting) + index * (setting.step ?? 1));
  const three = counts.brokers === 3;
  return {
    users: first(portSettings.users),
    auth: first(portSettings.auth),
    chat: row(portSettings.chat, counts.writers),
    router: row(portSettings.router, counts.routers ?? 0),
    gateway: row(portSettings.gateway, counts.gateways),
    mqtt: row(portSettings.mqtt, counts.gateways),
    postgres: first(portSettings.postgres),
    kafka: row(three ? portSettings.kafkas : portSettings.kafka, counts.brokers),
    kafkaControllers: row(
      three ? portSettings.kafkaControllers : portSettings.kafkaController,
      counts.brokers,
    ),
    cassandra: row(portSettings.cassandra, counts.cassandras ?? 0),
    cassandraStorage: row(portSettings.cassandraStorage, counts.cassandras ?? 0),
  };
}

/** Ports that nobody listens on, for systems that tests start side by side. */
export async function freePorts(counts: Counts): Promise<PortPlan> {
  const row = (count: number) => Promise.all(Array.from({ length: count }, () => freePort()));
  return {
    users: await freePort(),
    auth: await freePort(),
    chat: await row(counts.writers),
    router: await row(counts.routers ?? 0),
    gateway: await row(counts.gateways),
    mqtt: await row(counts.gateways),
    postgres: await freePort(),
    kafka: await row(counts.brokers),
    kafkaControllers: await row(counts.brokers),
    cassandra: await row(counts.cassandras ?? 0),
    cassandraStorage: await row(counts.cassandras ?? 0),
  };
}

function portFrom(env: NodeJS.ProcessEnv, setting: PortSetting): number {
  const text = env[setting.env];
  if (text === undefined || text === '') return setting.port;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StackError(
    `${setting.env} is "${text}", but a port is a number from 1 to 65535: correct it and start again.`,
  );
}
