import type { Writable } from 'node:stream';
import type { PoolClient } from 'pg';

/** Lets what is asked of a connection in one turn of the event loop leave in one write: pg writes each statement. */
export function gatherWrites(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let held = false;
  Object.assign(stream, {
    write: (...args: unknown[]) => {
      if (!held) {
        held = true;
        stream.cork();
        process.nextTick(() => {
          held = false;
          stream.uncork();
        });
      }
      return write(...args);
    },
  });
}
