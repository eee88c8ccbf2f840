import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, freePort, ManagedProcess } from '@maru/stack';

const folder = path.resolve(__dirname, '../../../../docker/connect');

export interface ConnectOptions {
  brokers: readonly string[];
  /** Where it writes: a PostgreSQL URL with user and password. */
  sinkUrl: string;
  logFile: string;
}

/** Kafka Connect by itself with the files of `docker/connect`; `start()` resolves when the sink's task runs. */
export async function connectProcess({ brokers, sinkUrl, logFile }: ConnectOptions): Promise<ManagedProcess> {
  const classPath = await connectClassPath();
  const port = await freePort();
  const { host, pathname, username, password } = new URL(sinkUrl);
  const env = {
    ...process.env,
    KAFKA_BROKERS: brokers.join(),
    CONNECT_PORT: String(port),
    SINK_URL: `jdbc:postgresql://${host}${pathname}`,
    SINK_USER: decodeURIComponent(username),
    SINK_PASSWORD: decodeURIComponent(password),
  };
  const flags = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const main = 'org.apache.kafka.connect.cli.ConnectStandalone';
  const files = ['worker.properties', 'postgres-sink.properties'].map((name) => path.join(folder, name));
  const args = [...flags, '-cp', classPath, main, ...files];
  return new ManagedProcess({
    name: 'connect',
    spec: () => ({ command: 'java', args, env, logFile }),
    isReady: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/connectors/chat-events-postgres/status`);
      const { tasks } = (await response.json()) as { tasks: { state: string }[] };
      return tasks.length > 0 && tasks.every(({ state }) => state === 'RUNNING');
    },
    readyWithinMs: 120_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 10_000,
  });
}

/** Maven fetches the jars once for each version of the pom. */
async function connectClassPath(): Promise<string> {
  const pom = path.join(folder, 'pom.xml');
  const digest = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const jars = cacheFolder(`connect-${digest}`);
  const partial = `${jars}.${process.pid}`;
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
  try {
    if (!existsSync(jars)) await promisify(execFile)('mvn', ['-B', '-q', '-f', pom, ...goal]);
    if (!existsSync(jars)) renameSync(partial, jars);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return path.join(jars, '*');
}
