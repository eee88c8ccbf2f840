import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import type { Detour } from './detour';
import type { Home } from './home';
import { ManagedProcess } from './managed-process';
import type { PortPlan } from './ports';

export type AppName = 'api-users' | 'api-auth' | 'api-chat' | 'router' | 'gateway';
export const appNames: AppName[] = ['api-users', 'api-auth', 'api-chat', 'router', 'gateway'];

export const workspaceRoot = path.resolve(__dirname, '../../..');

/** The bundles that the build makes. */
export function builtApps(): Record<AppName, string> {
  const main = (name: AppName) => path.join(workspaceRoot, 'dist/apps', name, 'main.js');
  return Object.fromEntries(appNames.map((name) => [name, main(name)])) as Record<AppName, string>;
}

export interface AppsOptions {
  home: Home;
  ports: PortPlan;
  /** Path of each app's main.js. */
  mains: Record<AppName, string>;
  brokers: string[];
  /** Copies of a record and how many must have it; undefined leaves it to the settings. */
  replication?: { factor: number; inSync: number };
  databaseUrl: string;
  /** Nodes of Cassandra of our own. */
  cql: string[];
  /** Settings that each app gets on top of ours. */
  envOf: (app: AppName) => NodeJS.ProcessEnv;
  /** By the process that takes it. */
  detours: Record<string, Detour>;
}

const databases: Record<string, string> = {
  'api-users': 'maru_users',
  'api-auth': 'maru_auth',
  'api-chat': 'maru_chat',
};

/** The services and the gateways, each a process of its own, not started yet. */
export function makeApps(options: AppsOptions): { services: ManagedProcess[]; gateways: ManagedProcess[] } {
  const { ports } = options;
  const several = (app: AppName, row: number[], mqtt: number[] = []) =>
    row.map((port, index) => {
      const name = index === 0 ? app : `${app}-${index + 1}`;
      return makeApp(options, { app, name, port, mqtt: mqtt[index] });
    });
  return {
    services: [
      makeApp(options, { app: 'api-users', name: 'api-users', port: ports.users }),
      makeApp(options, { app: 'api-auth', name: 'api-auth', port: ports.auth }),
      ...several('api-chat', ports.chat),
      ...several('router', ports.router),
    ],
    gateways: several('gateway', ports.gateway, ports.mqtt),
  };
}

interface Place {
  app: AppName;
  name: string;
  port: number;
  /** A gateway's port of MQTT. */
  mqtt?: number | undefined;
}

function makeApp(options: AppsOptions, place: Place): ManagedProcess {
  const { app, name, port } = place;
  return new ManagedProcess({
    name,
    spec: () => ({
      command: process.execPath,
      args: ['--enable-source-maps', options.mains[app]],
      env: appEnv(options, place, options.detours[name]),
      logFile: options.home.logFile(name),
    }),
    isReady: () =>
      isReady(`${app === 'gateway' ? schemeOf(options.envOf(app)) : 'http'}://127.0.0.1:${port}`),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 3_000,
  });
}

function appEnv(options: AppsOptions, { app, port, mqtt }: Place, detour?: Detour): NodeJS.ProcessEnv {
  const { ports, replication } = options;
  const local = (at: number) => `http://127.0.0.1:${at}`;
  const database = databases[app];
  return {
    ...process.env,
    NODE_ENV: process.env.NODE_ENV ?? 'development',
    // A laptop's neighbours have no business here; HOST=0.0.0.0 lets them in.
    HOST: process.env.HOST ?? '127.0.0.1',
    INTERNAL_SECRET: process.env.INTERNAL_SECRET ?? options.home.secret(),
    // Ctrl-C takes no longer, whoever is connected.
    ...{ SHUTDOWN_TIMEOUT_MS: '2500', DRAIN_MS: '0' },
    ...(replication && {
      KAFKA_REPLICATION_FACTOR: String(replication.factor),
      KAFKA_MIN_INSYNC_REPLICAS: String(replication.inSync),
    }),
    ...(options.cql.length > 0 && {
      HISTORY_STORE: 'cql',
      CQL_CONTACT_POINTS: options.cql.join(','),
      CQL_REPLICATION_FACTOR: '1',
    }),
    ...options.envOf(app),
    PORT: String(port),
    ...(mqtt !== undefined && { MQTT_PORT: String(mqtt) }),
    KAFKA_BROKERS: (detour?.kafka.map(({ advertised }) => `127.0.0.1:${advertised}`) ?? options.brokers).join(
      ',',
    ),
    DATABASE_URL:
      database === undefined ? undefined : databaseUrl(options.databaseUrl, database, detour?.postgres),
    USERS_URL: local(ports.users),
    AUTH_URL: local(ports.auth),
    CHAT_URL: ports.chat.map(local).join(','),
  };
}

function databaseUrl(server: string, database: string, port?: number): string {
  const url = new URL(server);
  if (port !== undefined) url.port = String(port);
  url.pathname = `/${database}`;
  return url.href;
}

/** The gateway speaks https when it has a certificate. */
export function schemeOf(env: NodeJS.ProcessEnv): 'http' | 'https' {
  return (env.TLS_CERT_FILE ?? process.env.TLS_CERT_FILE ?? '') === '' ? 'http' : 'https';
}

/** It is enough that it answers: its certificate is for the name by which clients know it. */
function isReady(url: string): Promise<boolean> {
  const { get } = url.startsWith('https:') ? https : http;
  const options = { signal: AbortSignal.timeout(1_000), rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const request = get(`${url}/health/ready`, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.once('error', reject);
  });
}
