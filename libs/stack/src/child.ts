import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

/** What to run, and as whom. `env` is whole: nothing is inherited beside it. */
export interface ChildSpec {
  command: string;
  args: string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
  /** Standard output and error are appended to this file. */
  logFile: string;
  uid?: number;
  gid?: number;
}

/** How a process ended: a code, a signal, or the error that kept it from starting. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  error?: Error;
}

export interface Child {
  pid: number | undefined;
  /** Resolves, never rejects, when the program itself is gone. */
  exited: Promise<Exit>;
  /** SIGKILL goes to the whole process group, every other signal to the program alone. */
  kill(signal: NodeJS.Signals): void;
}

/**
 * The shell leaves a watcher behind and becomes the program by `exec`, so pid, exit code and signals are
 * the program's own and there is no moment in which it runs unwatched. The watcher reads a pipe whose
 * other end only we hold: the kernel closes it however we end, SIGKILL included, and the watcher then
 * kills the group. Its own place in the group keeps the group's number from being given to others. It is
 * forked twice because a PostgreSQL that finds a child it does not know takes it for a crashed one.
 */
const lifeline = `
( ( trap '' TERM INT HUP QUIT; exec >/dev/null 2>&1; read -r _ <&3; kill -KILL 0 ) & )
exec "$@" 3<&-
`;

/** Starts a program in a process group of its own that ends when this process ends, however it ends. */
export function spawnChild(spec: ChildSpec): Child {
  mkdirSync(path.dirname(spec.logFile), { recursive: true });
  setAside(spec.logFile);
  const log = openSync(spec.logFile, 'a');
  const child = spawn('/bin/sh', ['-c', lifeline, 'maru', spec.command, ...spec.args], {
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    env: spec.env,
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  });
  closeSync(log);
  const line = child.stdio[3];
  line?.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  void exited.then(() => line?.destroy());
  return { pid: child.pid, exited, kill: (signal) => send(child.pid, signal, child) };
}

/** One earlier log is kept, so that months of starts do not fill the disk. */
function setAside(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 16 << 20) renameSync(logFile, `${logFile}.1`);
}

function send(
  pid: number | undefined,
  signal: NodeJS.Signals,
  child: { exitCode: number | null; signalCode: string | null },
) {
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
