import path from 'node:path';
import { readRunFile } from '@maru/stack';
import type { CheckStack } from './check-stack';

/** The Maru that `npm start` runs from this data folder; undefined when none does. */
export function startedStack(home = path.resolve(process.env.MARU_HOME ?? '.maru')): CheckStack | undefined {
  const run = readRunFile(home);
  if (run === undefined || !isAlive(run.pid)) return undefined;
  const read = () => readRunFile(home);
  return { urls: run.gateways, brokers: run.brokers, read, stop: async () => undefined, ours: false };
}

/** Any Maru, of which only the doors and the brokers are known. */
export function distantStack(urls: string[], brokers: string[]): CheckStack {
  const bare = urls.map((url) => url.replace(/\/+$/, ''));
  return { urls: bare, brokers, read: () => undefined, stop: async () => undefined, ours: false };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
