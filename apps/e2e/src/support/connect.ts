import path from 'node:path';
import { freePort, ManagedProcess } from '@maru/stack';
import { mavenClassPath } from './maven';

const folder = path.resolve(__dirname, '../../../../docker/connect');

export interface ConnectOptions {
  brokers: readonly string[];
  /** Where it writes: a PostgreSQL URL with user and password. */
  sinkUrl: string;
  logFile: string;
}

/** Kafka Connect by itself with the files of `docker/connect`; `start()` resolves when the sink's task runs. */
export async function connectProcess({ brokers, sinkUrl, logFile }: ConnectOptions): Promise<ManagedProcess> {
  const classPath = await mavenClassPath(path.join(folder, 'pom.xml'), 'connect');
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
