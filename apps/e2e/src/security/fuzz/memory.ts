import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import type { RunFile } from '@maru/stack';
import WebSocket from 'ws';

/** Settings with which an app's garbage can be collected from here. */
export const inspected: NodeJS.ProcessEnv = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** Processes of ours, by name; the stores are not. */
export const apps = (run: RunFile): RunFile['processes'] =>
  run.processes.filter(({ name }) => /^(api-|gateway)/.test(name));

/**
 * Resident memory of each app in MB, as Linux counts it, without what V8 has not collected yet: that is up to
 * 100 MB for a process at work, and says nothing about what an attack leaves behind.
 */
export async function residentMb(run: RunFile): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { name, pid } of apps(run)) {
    await collectGarbage(pid);
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

/** Over the app's inspector, whose address it has written to its log. */
async function collectGarbage(pid: number): Promise<void> {
  const log = readFileSync(readlinkSync(`/proc/${pid}/fd/2`), 'utf8');
  const address = [...log.matchAll(/^Debugger listening on (ws:\S+)$/gm)].at(-1)?.[1];
  if (address === undefined) throw new Error(`process ${pid} has no inspector: start it with NODE_OPTIONS`);
  const socket = new WebSocket(address);
  try {
    await once(socket, 'open');
    // What the first one lets finalizers free goes with the second.
    for (const id of [1, 2]) {
      socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
      await once(socket, 'message');
    }
  } finally {
    socket.terminate();
  }
}
