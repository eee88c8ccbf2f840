import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { RunFile } from '@maru/stack';

const ticksASecond = process.platform === 'linux' ? Number(execFileSync('getconf', ['CLK_TCK'])) : 100;

interface Stat {
  parent: number;
  /** User and system time so far, in seconds, with that of its children that have ended. */
  seconds: number;
}

/** CPU that a process, and children of it that have ended, have used so far, in seconds, as Linux counts it. */
export function cpuOf(pid: number): number {
  return statOf(pid)?.seconds ?? 0;
}

/** The same for processes with all their descendants: PostgreSQL is a process a connection. */
export function cpuOfTrees(roots: readonly number[]): number {
  return treesOf(roots).reduce((sum, pid) => sum + cpuOf(pid), 0);
}

/** Processes with all their descendants; with `without`, and all of theirs, left out. */
export function treesOf(roots: readonly number[], without: readonly number[] = []): number[] {
  const running = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(running.map((name) => [Number(name), statOf(Number(name))?.parent ?? 0]));
  const belongs = (pid: number): boolean => {
    if (without.includes(pid)) return false;
    if (roots.includes(pid)) return true;
    const parent = parents.get(pid) ?? 0;
    return parent > 1 && belongs(parent);
  };
  return [...parents.keys()].filter(belongs);
}

/** CPU a message in ms, of each process by its name. */
export type CpuByName = Record<string, number>;

/** Counts from now on; call the result with how many messages there were. */
export function cpuOfEach(processes: RunFile['processes']): (messages: number) => CpuByName {
  const used = () => processes.map(({ pid }) => cpuOfTrees([pid]));
  const before = used();
  return (messages) => {
    const after = used();
    return Object.fromEntries(
      processes.map(({ name }, at) => [name, (((after[at] ?? 0) - (before[at] ?? 0)) * 1000) / messages]),
    );
  };
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold anything; what follows it is numbers.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // utime, stime, cutime, cstime
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), seconds: ticks / ticksASecond };
  } catch {
    return undefined;
  }
}
