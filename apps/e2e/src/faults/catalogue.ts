import type { ManagedProcess } from '@maru/stack';
import type { Maru } from '../support/maru';
import { pause, until } from '../support/until';

/** How long things are away, in ms. */
export interface Lengths {
  writerStopped: number;
  brokerPaused: number;
  storeAway: number;
}

export interface Fault {
  name: string;
  /** No room may be silent for so long: others take over while it lasts. */
  silenceBelowMs?: number;
  /** Resolves when it is over: the process is back, or at least started again. `turn` chooses among several. */
  strike(maru: Maru, turn: number): Promise<void>;
}

export function faults(lengths: Lengths): Fault[] {
  const seconds = (ms: number) => `${ms / 1000} s`;
  return [
    { name: 'api-chat killed', strike: (maru, turn) => kill(maru, pick(['api-chat', 'api-chat-2'], turn)) },
    {
      name: `api-chat stopped for ${seconds(lengths.writerStopped)}, then woken`,
      ...(lengths.writerStopped >= 40_000 && { silenceBelowMs: lengths.writerStopped }),
      strike: (maru, turn) => suspend(maru, pick(['api-chat-2', 'api-chat'], turn), lengths.writerStopped),
    },
    { name: 'gateway killed', strike: (maru, turn) => kill(maru, pick(['gateway', 'gateway-2'], turn)) },
    {
      name: `broker paused for ${seconds(lengths.brokerPaused)}`,
      strike: (maru, turn) => suspend(maru, pick(brokers, turn), lengths.brokerPaused),
    },
    { name: 'broker killed', strike: (maru, turn) => kill(maru, pick(brokers, turn + 1)) },
    { name: 'PostgreSQL restarted', strike: (maru) => away(maru, 'postgres', 0) },
    {
      name: `PostgreSQL away for ${seconds(lengths.storeAway)}`,
      strike: (maru) => away(maru, 'postgres', lengths.storeAway),
    },
  ];
}

const brokers = ['kafka-2', 'kafka-3', 'kafka-1'];
const pick = (names: readonly string[], turn: number): string => names[turn % names.length] ?? '';

/** The process id as run.json has it: nothing is ever ended by its name. */
function pidOf(maru: Maru, name: string): number {
  const found = maru.run.processes.find((one) => one.name === name);
  if (!found) throw new Error(`${name} does not run`);
  return found.pid;
}

async function kill(maru: Maru, name: string): Promise<void> {
  const pid = pidOf(maru, name);
  process.kill(pid, 'SIGKILL');
  const again = () => maru.run.processes.some((one) => one.name === name && one.pid !== pid);
  await until(`${name} is started again`, again, 20_000);
}

async function suspend(maru: Maru, name: string, ms: number): Promise<void> {
  const pid = pidOf(maru, name);
  process.kill(pid, 'SIGSTOP');
  try {
    await pause(ms);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

async function away(maru: Maru, name: string, ms: number): Promise<void> {
  const one = maru.processes.get(name) as ManagedProcess;
  await one.stop();
  await pause(ms);
  await one.start();
}
