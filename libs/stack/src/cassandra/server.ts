import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../free-port';
import { resolveClassPath } from '../jars';
import { ManagedProcess } from '../managed-process';
import { askCassandra } from './probe';
import { cassandraFlags, cassandraSettings, logbackConfig } from './settings';

export interface CassandraOptions {
  /** Files made here earlier are used again. */
  dataDir: string;
  /** Free ones when left out. */
  port?: number | undefined;
  storagePort?: number | undefined;
}

export interface Cassandra {
  /** `127.0.0.1:port`, the same after each start. */
  address: string;
  process: ManagedProcess;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it takes connections. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real Cassandra 5 of one node on 127.0.0.1, which lets everybody on this machine do everything. */
export async function startCassandra(options: CassandraOptions): Promise<Cassandra> {
  const server = await prepareCassandra(options);
  await server.start();
  return server;
}

/** The server of `startCassandra`, not started. */
export async function prepareCassandra(options: CassandraOptions): Promise<Cassandra> {
  const classPath = await resolveClassPath('cassandra');
  const { dataDir: folder } = options;
  const port = options.port ?? (await freePort());
  const storagePort = options.storagePort ?? (await freePort());
  const file = (name: string) => path.join(folder, name);
  const server = new ManagedProcess({
    name: 'cassandra',
    spec: () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file('cassandra.yaml'), cassandraSettings({ folder, port, storagePort }));
      writeFileSync(file('logback.xml'), logbackConfig(folder));
      const main = 'org.apache.cassandra.service.CassandraDaemon';
      const args = [...cassandraFlags(folder), '-cp', classPath, main];
      return { command: 'java', args, cwd: folder, env: process.env, logFile: file('console.log') };
    },
    isReady: () => askCassandra(port),
    readyWithinMs: 90_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 3_000,
  });
  return {
    address: `127.0.0.1:${port}`,
    process: server,
    kill: (signal) => server.kill(signal),
    start: () => server.start(),
    stop: () => server.stop(),
  };
}
