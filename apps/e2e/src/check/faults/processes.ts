import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { isSameProcess, type RunFile, type RunningProcess } from '@maru/stack';
import { allReady } from '../../support/maru';
import { until } from '../../support/until';
import type { CheckStack } from '../check-stack';

const apps = ['gateway', 'router', 'api-chat', 'api-users', 'api-auth'] as const;
const kinds = [...apps, ...(['kafka', 'postgres', 'cassandra'] as const)] as const;
export type Kind = (typeof kinds)[number];

/** What run.json says now. @throws when nothing runs any more. */
export function runOf(stack: CheckStack): RunFile {
  const run = stack.read();
  if (!run) throw new Error('run.json is gone: Maru was stopped while it was checked.');
  return run;
}

/** The processes of a kind: `gateway`, `gateway-2` … */
export function namesOf(run: RunFile, kind: Kind): string[] {
  return run.processes.flatMap(({ name }) => (name.replace(/-\d+$/, '') === kind ? [name] : []));
}

/** The kinds that this Maru has processes of: no routers without routed delivery, no Cassandra without `--history cql`. */
export function kindsIn(run: RunFile): Kind[] {
  return kinds.filter((kind) => namesOf(run, kind).length > 0);
}

/** Those of them that are ours. */
export function appsIn(run: RunFile): Kind[] {
  return apps.filter((kind) => namesOf(run, kind).length > 0);
}

export function pick<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error('There is nothing to choose from.');
  return one;
}

/** Its entry in run.json: nothing is ever ended by its name, nor a later process that got its number. */
export async function recorded(stack: CheckStack, name: string): Promise<RunningProcess> {
  const look = () => runOf(stack).processes.find((one) => one.name === name && isSameProcess(one.identity));
  return until(`${name} runs`, look, 20_000);
}

/** Sends a signal and waits until whoever watches over it has started it again. */
export async function endAndWait(stack: CheckStack, name: string, signal: NodeJS.Signals): Promise<void> {
  const { pid, identity } = await recorded(stack, name);
  process.kill(pid, signal);
  await until(`${name} has ended`, () => !isSameProcess(identity), 30_000);
  const again = () => runOf(stack).processes.some((one) => one.name === name && one.pid !== pid);
  await until(`${name} is started again`, again, 20_000);
}

/** The signal that asks for an orderly end; PostgreSQL would wait for its clients upon SIGTERM. */
export const orderly = (name: string): NodeJS.Signals => (name === 'postgres' ? 'SIGINT' : 'SIGTERM');

/** Resolves when the process answers and every app says that it is ready. */
export async function backInService(stack: CheckStack, name: string): Promise<void> {
  const run = runOf(stack);
  const number = Number(/^kafka-(\d+)$/.exec(name)?.[1] ?? 1);
  if (name.startsWith('kafka')) await listening(name, run.brokers[number - 1] ?? '');
  if (name === 'cassandra') await listening(name, run.cql[0] ?? '');
  if (name === 'postgres') await listening(name, new URL(run.databaseUrl).host);
  await allReady(run, 90_000);
}

/** A process and, of PostgreSQL, its children, which have groups of their own. */
export function withChildren(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children === '' ? [] : children.split(/\s+/).map(Number))];
  } catch {
    return [pid];
  }
}

async function listening(name: string, address: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const look = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      setTimeout(() => socket.destroy(), 500).unref();
      socket.once('connect', () => socket.destroy());
    });
  await until(`${name} takes connections`, look, 60_000);
}
