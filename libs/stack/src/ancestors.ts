import { commandName, isSameProcess, parentOf, processIdentity } from './process-identity';

/**
 * Calls `gone` when the one who started us is no more. npm, a shell and a TypeScript runner stand between
 * a person and this process, and SIGKILL to one of them reaches nobody below it.
 */
export function onStarterGone(gone: () => void): void {
  const starters = ancestors().map(processIdentity);
  const timer = setInterval(() => {
    if (starters.every((identity) => identity === undefined || isSameProcess(identity))) return;
    clearInterval(timer);
    gone();
  }, 500);
  timer.unref();
}

/** From our parent up to npm, when npm runs us; else nobody, as a shell may go and leave us on purpose. */
function ancestors(): number[] {
  const found: number[] = [];
  for (
    let pid = parentOf(process.pid);
    pid !== undefined && pid > 1 && found.length < 5;
    pid = parentOf(pid)
  ) {
    found.push(pid);
    if (commandName(pid).startsWith('npm')) return found;
  }
  return [];
}
