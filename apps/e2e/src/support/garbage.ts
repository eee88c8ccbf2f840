import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import WebSocket from 'ws';

/** Settings with which an app's garbage can be collected from here. */
export const inspected: NodeJS.ProcessEnv = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** Where an app's inspector is, which it has written to its log. */
export function inspectorOf(pid: number): string {
  const log = readFileSync(readlinkSync(`/proc/${pid}/fd/2`), 'utf8');
  const address = [...log.matchAll(/^Debugger listening on (ws:\S+)$/gm)].at(-1)?.[1];
  if (address === undefined) throw new Error(`process ${pid} has no inspector: start it with NODE_OPTIONS`);
  return address;
}

/** Over the inspector of the process. */
export async function collectGarbage(inspector: string): Promise<void> {
  const socket = new WebSocket(inspector);
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
