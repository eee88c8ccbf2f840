import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A word that two processes never share, even when the system gives a number out again: number and start
 * time. Undefined when there is no such process, or only one that waits to be collected.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform !== 'linux') return fromPs(pid);
  const stat = readStat(pid);
  return stat && stat.state !== 'Z' ? `${pid}/${stat.startedAt}` : undefined;
}

/** Whether exactly the process that had this identity still runs. */
export function isSameProcess(identity: string): boolean {
  return processIdentity(Number(identity.split('/')[0])) === identity;
}

/** The program's short name, '' when there is no such process. */
export function commandName(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return ps('comm=', pid);
  } catch {
    return '';
  }
}

/** Undefined when it cannot be found out. */
export function parentOf(pid: number): number | undefined {
  return readStat(pid)?.parent;
}

/** /proc/<pid>/stat by man 5 proc; the name in brackets may hold spaces and brackets of its own. */
function readStat(pid: number): { state: string; parent: number; startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): string | undefined {
  try {
    const started = ps('lstart=', pid);
    return started === '' ? undefined : `${pid}/${started}`;
  } catch {
    return undefined;
  }
}

function ps(field: string, pid: number): string {
  const output = execFileSync('ps', ['-o', field, '-p', String(pid)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.toString().trim();
}
