import { chownSync, closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../free-port';
import { ManagedProcess } from '../managed-process';
import { postgresBinaries } from './binaries';
import { clearCrash, initialise, isServing, placeFor } from './data-folder';
import { postgresUser } from './system-user';

export interface PostgresOptions {
  /** Files made here earlier are used again, with their password. */
  dataDir: string;
  /** A free one when left out. */
  port?: number;
  /** Server settings by PostgreSQL's own names, over ours. */
  settings?: Record<string, string>;
}

export interface Postgres {
  /** `postgres://maru:…@127.0.0.1:port/postgres`, the same after each start. */
  url: string;
  port: number;
  pid: number | undefined;
  process: ManagedProcess;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends connections at once and writes everything out. */
  stop(): Promise<void>;
}

/** Starts a real PostgreSQL 18 on 127.0.0.1; root gets it run as a system user of its own. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const server = await preparePostgres(options);
  await server.start();
  return server;
}

/** The server of `startPostgres`, its files made, not started. */
export async function preparePostgres(options: PostgresOptions): Promise<Postgres> {
  const user = postgresUser();
  const binaries = postgresBinaries(user);
  const place = placeFor(options.dataDir, user);
  const password = await initialise(binaries, place, user);
  const port = options.port ?? (await freePort());
  const data = path.join(place, 'data');
  const logFile = path.join(place, 'postgres.log');
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // TCP only: the path of a socket may be 107 bytes long, a temp folder is easily longer.
    unix_socket_directories: '',
    max_connections: '200',
    ...options.settings,
  };
  const server = new ManagedProcess({
    name: 'postgres',
    spec: async () => {
      await clearCrash(data);
      closeSync(openSync(logFile, 'a', 0o600));
      if (user) chownSync(logFile, user.uid, user.gid);
      const args = [
        '-D',
        data,
        ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ];
      return {
        command: path.join(binaries, 'bin/postgres'),
        args,
        cwd: place,
        env: process.env,
        logFile,
        ...user,
      };
    },
    isReady: async (pid) => isServing(data, pid),
    readyWithinMs: 60_000,
    stopSignal: 'SIGINT',
    stopWithinMs: 3_000,
  });
  return {
    url: `postgres://maru:${password}@127.0.0.1:${port}/postgres`,
    port,
    get pid() {
      return server.pid;
    },
    process: server,
    kill: (signal) => server.kill(signal),
    start: () => server.start(),
    stop: () => server.stop(),
  };
}
