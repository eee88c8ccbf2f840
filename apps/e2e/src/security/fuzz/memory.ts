import { readFileSync } from 'node:fs';
import type { RunFile } from '@maru/stack';
import { collectGarbage, inspectorOf } from '../../support/garbage';

/** Processes of ours, by name; the stores are not. */
export const apps = (run: RunFile): RunFile['processes'] =>
  run.processes.filter(({ name }) => /^(api-|gateway|router)/.test(name));

/**
 * Resident memory of each app in MB, as Linux counts it, without what V8 has not collected yet: that is up to
 * 100 MB for a process at work, and says nothing about what an attack leaves behind.
 */
export async function residentMb(run: RunFile): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { name, pid } of apps(run)) {
    await collectGarbage(inspectorOf(pid));
    counted[name] = ofStatus(pid, 'VmRSS');
  }
  return counted;
}

/** The most that each app has had at any time since its start, garbage and all, in MB. */
export const peakMb = (run: RunFile): Record<string, number> =>
  Object.fromEntries(apps(run).map(({ name, pid }) => [name, ofStatus(pid, 'VmHWM')]));

function ofStatus(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const [, kb] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  if (kb === undefined) throw new Error(`process ${pid} tells no ${field}`);
  return Number(kb) / 1024;
}
