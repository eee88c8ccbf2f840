import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksASecond = process.platform === 'linux' ? Number(execFileSync('getconf', ['CLK_TCK'])) : 100;

interface Stat {
  group: number;
  /** User and system time so far, in seconds. */
  seconds: number;
}

/** CPU that a process has used so far, in seconds, as Linux counts it. */
export function cpuOf(pid: number): number {
  return statOf(pid)?.seconds ?? 0;
}

/** The same for whole process groups, named by their leaders: PostgreSQL is a process a connection. */
export function cpuOfGroups(leaders: readonly number[]): number {
  const groups = new Set(leaders.map((pid) => statOf(pid)?.group));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .reduce((sum, stat) => sum + (stat && groups.has(stat.group) ? stat.seconds : 0), 0);
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold anything; what follows it is numbers.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { group: Number(fields[2]), seconds: (Number(fields[11]) + Number(fields[12])) / ticksASecond };
  } catch {
    return undefined;
  }
}
