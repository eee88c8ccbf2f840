import { execFile } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { isPortFree } from './free-port';
import { type JavaServer, jarsFolder, javaServers, javaVersion } from './jars';
import { type PortPlan, type PortSetting, portSettings } from './ports';
import { StackError } from './stack-error';

/** What is about to be started here, which decides what is needed. */
export interface Needs {
  home: string;
  ports: PortPlan;
  ownKafka: boolean;
  ownPostgres: boolean;
}

const freeSpaceNeeded = 1 << 30;

/** @throws StackError with the remedy, before anything was started. */
export async function checkPrerequisites(needs: Needs): Promise<void> {
  const servers: JavaServer[] = [
    ...(needs.ownKafka ? (['kafka'] as const) : []),
    ...(needs.ports.cassandra.length > 0 ? (['cassandra'] as const) : []),
  ];
  for (const server of servers) {
    await checkJava(server);
    if (!existsSync(jarsFolder(server))) await checkMaven(server);
  }
  checkSpace(needs.home, freeSpaceNeeded);
  await checkPorts(needs);
}

const remedies = {
  kafka: 'point KAFKA_BROKERS to a Kafka of your own',
  cassandra: 'leave --history out',
};
/** Cassandra 5 runs on Java 11 and 17 and refuses newer ones; Kafka wants 17 at least. */
const javaNeeded = { kafka: '17 or newer', cassandra: '17' };

async function checkJava(server: JavaServer): Promise<void> {
  const [name, needed] = [javaServers[server], javaNeeded[server]];
  const remedy = `install it ("apt install openjdk-17-jdk-headless" on Debian) or ${remedies[server]}`;
  const said = await javaVersion().catch(() => {
    throw new StackError(`${name} needs Java ${needed} and there is no "java" on the PATH: ${remedy}.`);
  });
  // "17.0.15", "21", and "1.8.0_402" for Java 8.
  const version = Number(/version "(\d+)/.exec(said)?.[1] ?? 17);
  if (version < 17 || (server === 'cassandra' && version > 17)) {
    throw new StackError(`${name} needs Java ${needed} and "java" is Java ${version}: ${remedy}.`);
  }
}

async function checkMaven(server: JavaServer): Promise<void> {
  await promisify(execFile)('mvn', ['-version']).catch(() => {
    throw new StackError(
      `Maven fetches ${javaServers[server]} the first time and there is no "mvn" on the PATH: install it ("apt install maven" on Debian) or ${remedies[server]}.`,
    );
  });
}

/** @throws StackError when the disk that will hold `folder` has less than `needed` bytes left. */
export function checkSpace(folder: string, needed: number): void {
  let at = path.resolve(folder);
  while (!existsSync(at)) at = path.dirname(at);
  const { bavail, bsize } = statfsSync(at);
  if (bavail * bsize >= needed) return;
  const megabytes = (bytes: number) => `${Math.floor(bytes / (1 << 20))} MB`;
  throw new StackError(
    `The disk of ${at} has ${megabytes(bavail * bsize)} left and ${megabytes(needed)} are needed: make room, or set MARU_HOME to a folder on another disk.`,
  );
}

async function checkPorts(needs: Needs): Promise<void> {
  const { ports } = needs;
  const three = ports.kafka.length > 1;
  const rows: [PortSetting, number[]][] = [
    [portSettings.users, [ports.users]],
    [portSettings.auth, [ports.auth]],
    [portSettings.chat, ports.chat],
    [portSettings.router, ports.router],
    [portSettings.gateway, ports.gateway],
    [portSettings.mqtt, ports.mqtt],
    [portSettings.postgres, needs.ownPostgres ? [ports.postgres] : []],
    [three ? portSettings.kafkas : portSettings.kafka, needs.ownKafka ? ports.kafka : []],
    [
      three ? portSettings.kafkaControllers : portSettings.kafkaController,
      needs.ownKafka ? ports.kafkaControllers : [],
    ],
    [portSettings.cassandra, ports.cassandra],
    [portSettings.cassandraStorage, ports.cassandraStorage],
  ];
  for (const [setting, row] of rows) {
    for (const port of row) {
      if (await isPortFree(port)) continue;
      throw new StackError(
        `Port ${port} (${setting.name}) is in use: end what listens there, or set ${setting.env} to another port.`,
      );
    }
  }
}
