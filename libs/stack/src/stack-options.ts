import type { AppName } from './apps';
import type { Detour } from './detour';
import type { PortPlan } from './ports';
import type { SupervisorEvent } from './supervisor';

export interface StackOptions {
  /** The data folder; what it held from an earlier start is used again. */
  home: string;
  gateways?: number;
  writers?: number;
  /** With DELIVERY=routed in `env` or the environment, 1 when left out; else there is none. */
  routers?: number;
  brokers?: 1 | 3;
  /** Where old history goes; it stays in PostgreSQL when left out. */
  history?: 'cql' | undefined;
  /** `free`: any that are free. Left out: those of the table and the settings. */
  ports?: 'free' | PortPlan;
  /** Used instead of a Kafka of our own. */
  kafkaBrokers?: string[] | undefined;
  /** Used instead of a PostgreSQL of our own. */
  databaseUrl?: string | undefined;
  /** Settings for the apps, over the environment and ours. */
  env?: NodeJS.ProcessEnv;
  /** By the name of the process that takes it; for brokers and a PostgreSQL of our own. */
  detours?: Record<string, Detour>;
  /** Settings for single apps, over those. */
  envOf?: Partial<Record<AppName, NodeJS.ProcessEnv>>;
  /** Path of each app's main.js; the built ones when left out. */
  apps?: Partial<Record<AppName, string>>;
  /** Whether what ends unasked is started again; true when left out. */
  supervise?: boolean;
  onEvent?: (event: SupervisorEvent) => void;
}
