import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';

/**
 * Keeps every CPU awake while `work` goes on, at the lowest priority. A CPU that sleeps between two messages does each with cold
 * caches and at the pace to which it has come down, so that the less there is to do, the more each costs: what is to be compared
 * with twice as much of it has to be measured awake.
 */
export async function keepAwake<T>(work: () => Promise<T>): Promise<T> {
  const children = Array.from({ length: availableParallelism() }, () =>
    fork(path.join(__dirname, 'awake.process.ts'), { detached: true }),
  );
  const asleep = new Promise<never>((_, reject) => {
    for (const child of children)
      child.once('exit', () => reject(new Error('a process that was to keep a CPU awake has ended')));
  });
  asleep.catch(() => undefined); // they are ended at last
  try {
    await Promise.race([Promise.all(children.map((child) => once(child, 'message'))), asleep]);
    return await Promise.race([work(), asleep]);
  } finally {
    for (const child of children) child.kill();
  }
}
