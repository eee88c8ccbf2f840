import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isSameProcess, processIdentity } from './process-identity';

export interface RunningProcess {
  name: string;
  pid: number;
  /** Number and start time: tells it from a later process with the same number. */
  identity: string;
}

/** `.maru/run.json`: what runs now and where. It is there while Maru runs, and kept true over restarts. */
export interface RunFile {
  /** The first gateway: where a client goes. */
  url: string;
  gateways: string[];
  /** Where each gateway speaks MQTT over TCP. */
  mqtt: string[];
  users: string;
  auth: string;
  chat: string[];
  /** None where every gateway reads all events. */
  routers: string[];
  brokers: string[];
  /** Null when the cluster is not ours and does not tell without a log-in. */
  clusterId: string | null;
  /** With its password: the file is readable by the owner alone. */
  databaseUrl: string;
  /** Where Cassandra speaks CQL; none where all history stays in PostgreSQL. */
  cql: string[];
  startedAt: string;
  /** The supervisor: SIGTERM to it stops everything in order. */
  pid: number;
  processes: RunningProcess[];
}

/** Replaced in one step, so that a reader never sees half of it. */
export function writeRunFile(home: string, run: RunFile): void {
  const file = path.join(home, 'run.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function readRunFile(home: string): RunFile | undefined {
  const file = path.join(home, 'run.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunFile) : undefined;
}

export function removeRunFile(home: string): void {
  rmSync(path.join(home, 'run.json'), { force: true });
}

/** What an earlier start, which did not end in order, has left running. */
export function leftovers(home: string): RunningProcess[] {
  return readRunFile(home)?.processes.filter((one) => isSameProcess(one.identity)) ?? [];
}

/** The entry of a process that runs, or nothing. */
export function runningProcess(name: string, pid: number | undefined): RunningProcess[] {
  const identity = pid === undefined ? undefined : processIdentity(pid);
  return pid === undefined || identity === undefined ? [] : [{ name, pid, identity }];
}
