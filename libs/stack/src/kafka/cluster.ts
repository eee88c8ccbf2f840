import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Door } from '../detour';
import { makeTempFolder, removeFolder } from '../folders';
import { freePort } from '../free-port';
import { type Java, jvmFlags, resolveClassPath, sharedClasses } from '../jars';
import { ManagedProcess } from '../managed-process';
import { clusterIdOf, formatNode } from './format';
import { askBroker, type ClusterView } from './probe';
import { type KafkaSecurity, scramArguments, securitySettings, writeKeyStore } from './security';
import { asProperties, brokerSettings, log4jConfig, type NodeLayout } from './settings';

export interface KafkaOptions {
  nodes: 1 | 3;
  /** One folder a cluster; one formatted earlier is used again, its cluster id and records kept. */
  dataDir: string;
  /** One a node; free ones when left out. */
  ports?: number[];
  controllerPorts?: number[];
  /** Further listeners: a row a node. */
  doors?: Door[][];
  /** Broker settings by Kafka's own names, over ours. */
  settings?: Record<string, string>;
  /** TLS, log-in and access control; without it everybody on this machine may do everything. */
  security?: KafkaSecurity;
}

/** One broker, which is a controller as well. */
export interface KafkaNode {
  id: number;
  /** `127.0.0.1:port`, the same after each start. */
  address: string;
  pid: number | undefined;
  process: ManagedProcess;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the broker takes part in the cluster. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface KafkaCluster {
  brokers: string[];
  clusterId: string;
  nodes: KafkaNode[];
  /** Ends every node within 3 s; the records stay in the folder. */
  stop(): Promise<void>;
}

/** Starts a real Kafka on 127.0.0.1. Resolves when every broker takes part; rejects with none running. */
export async function startKafka(options: KafkaOptions): Promise<KafkaCluster> {
  const cluster = await prepareKafka(options);
  const started = await Promise.allSettled(cluster.nodes.map((node) => node.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (!failed) return cluster;
  await cluster.stop();
  throw failed.reason;
}

/** The cluster of `startKafka` with no node started. */
export async function prepareKafka(options: KafkaOptions): Promise<KafkaCluster> {
  const classPath = await resolveClassPath('kafka');
  const flags = await sharedClasses('kafka', (extra) => startAndStop(classPath, extra));
  return makeCluster(options, { classPath, flags: [...jvmFlags, ...flags] });
}

/** A run of a broker that is thrown away, with the quicker compiler alone. It may take longer to end, as it writes down its classes then. */
async function startAndStop(classPath: string, flags: string[]): Promise<void> {
  const folder = makeTempFolder();
  try {
    const java = { classPath, flags: [...jvmFlags, '-XX:TieredStopAtLevel=1', ...flags] };
    const { nodes } = await makeCluster({ nodes: 1, dataDir: folder }, java);
    await nodes[0]?.process.start();
    await nodes[0]?.process.stop(60_000);
  } finally {
    removeFolder(folder);
  }
}

async function makeCluster(options: KafkaOptions, java: Java): Promise<KafkaCluster> {
  const layouts = await layOut(options);
  const clusterId = clusterIdOf(layouts);
  const nodes = layouts.map((layout) => makeNode(layout, layouts, java, clusterId, options));
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  return { brokers: nodes.map((node) => node.address), clusterId, nodes, stop };
}

async function layOut(options: KafkaOptions): Promise<NodeLayout[]> {
  const layouts: NodeLayout[] = [];
  for (let index = 0; index < options.nodes; index++) {
    layouts.push({
      id: index + 1,
      folder: path.join(options.dataDir, `node-${index + 1}`),
      port: options.ports?.[index] ?? (await freePort()),
      controllerPort: options.controllerPorts?.[index] ?? (await freePort()),
      ...(options.security && { insidePort: await freePort() }),
      doors: options.doors?.[index] ?? [],
    });
  }
  return layouts;
}

function makeNode(
  layout: NodeLayout,
  all: NodeLayout[],
  java: Java,
  clusterId: string,
  { settings: own, security }: KafkaOptions,
): KafkaNode {
  const secure = security && securitySettings(layout, security);
  const settings = brokerSettings(layout, all, { ...secure, ...own });
  const file = (name: string) => path.join(layout.folder, name);
  const broker = new ManagedProcess({
    name: all.length === 1 ? 'kafka' : `kafka-${layout.id}`,
    spec: async () => {
      mkdirSync(layout.folder, { recursive: true });
      if (security) writeKeyStore(layout, security);
      await formatNode(layout, settings, clusterId, java, security && scramArguments(security));
      writeFileSync(file('server.properties'), asProperties(settings));
      writeFileSync(file('log4j2.properties'), log4jConfig(layout.folder));
      const log4j = `-Dlog4j2.configurationFile=${file('log4j2.properties')}`;
      const args = [...java.flags, log4j, '-cp', java.classPath, 'kafka.Kafka', file('server.properties')];
      return { command: 'java', args, cwd: layout.folder, env: process.env, logFile: file('console.log') };
    },
    isReady: async () => {
      const view = await askNode(layout, security);
      return view.clusterId === clusterId && view.brokerIds.includes(layout.id);
    },
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    // The last of three has no quorum left to say good-bye to and would wait for minutes.
    stopWithinMs: 3_000,
  });
  return {
    id: layout.id,
    address: `127.0.0.1:${layout.port}`,
    get pid() {
      return broker.pid;
    },
    process: broker,
    kill: (signal) => broker.kill(signal),
    start: () => broker.start(),
    stop: () => broker.stop(),
  };
}

/** Asked as another broker would ask, who needs no log-in. */
function askNode(layout: NodeLayout, security: KafkaSecurity | undefined): Promise<ClusterView> {
  if (!security) return askBroker(`127.0.0.1:${layout.port}`);
  const { certFile, keyFile } = security.certificate;
  const [cert, key, ca] = [readFileSync(certFile), readFileSync(keyFile), readFileSync(security.caFile)];
  return askBroker(`127.0.0.1:${layout.insidePort ?? 0}`, { cert, key, ca });
}
