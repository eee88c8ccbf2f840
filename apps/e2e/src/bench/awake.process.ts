import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { pause } from '../support/until';

/** Uses up what nobody else wants of one CPU, from when it says so until its parent is gone. */
async function main(): Promise<void> {
  process.once('disconnect', () => process.exit());
  setPriority(constants.priority.PRIORITY_LOW);
  // Linux may share CPUs among sessions first, and by priority only within one.
  while (existsSync('/proc/self/autogroup') && !lowerSession()) await pause(150);
  process.send?.('awake');
  spin();
}

/** Not within 100 ms of another process. */
function lowerSession(): boolean {
  try {
    writeFileSync('/proc/self/autogroup', '19');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}

function spin(): void {
  for (const end = performance.now() + 10; performance.now() < end;);
  setImmediate(spin);
}

void main();
