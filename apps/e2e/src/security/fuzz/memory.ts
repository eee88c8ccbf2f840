import { readFileSync } from 'node:fs';
import type { RunFile } from '@maru/stack';

/** Processes of ours, by name; the stores are not. */
export const apps = (run: RunFile): RunFile['processes'] =>
  run.processes.filter(({ name }) => /^(api-|gateway)/.test(name));

/** Resident memory of each app in MB, as Linux counts it. */
export function residentMb(run: RunFile): Record<string, number> {
  return Object.fromEntries(
    apps(run).map(({ name, pid }) => {
      const [, kb = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
      return [name, Number(kb) / 1024];
    }),
  );
}
