import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Sees to it that a process may have so many connections, on Linux.
 * @throws Error with the remedy when it may not, and may not be allowed to.
 */
export function allowFiles(pid: number, files: number): void {
  if (process.platform !== 'linux') return;
  const [, soft = '', hard = ''] =
    /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'latin1')) ?? [];
  const most = (limit: string) => (limit === 'unlimited' ? Infinity : Number(limit));
  if (most(soft) >= files) return;
  try {
    const raised = most(hard) >= files ? hard : files;
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:${raised}`], { stdio: 'ignore' });
  } catch {
    throw new Error(
      `Process ${pid} may have ${soft} files and connections and needs ${files}: run \`ulimit -n ${files}\` before, as root \`prlimit --pid $$ --nofile=${files}:${files}\`, or take a smaller --scale.`,
    );
  }
}

/** Physical memory that a process holds, in KB, as Linux counts it. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}
