import {
  makeTempFolder,
  removeFolder,
  type RunFile,
  type RunningStack,
  startStack,
  type StackOptions,
} from '@maru/stack';
import { Rest } from './rest';
import { until } from './until';

/** `MARU_KEEP=1` leaves the data folder, with the logs of all processes, in the temp folder. */
const keep = process.env.MARU_KEEP === '1';

export type MaruOptions = Pick<
  StackOptions,
  'gateways' | 'writers' | 'routers' | 'brokers' | 'kafkaBrokers' | 'env' | 'envOf' | 'apps'
>;

/** A whole Maru of real processes on free ports, with data of its own. */
export interface Maru extends Pick<RunningStack, 'urls' | 'run' | 'processes'> {
  /** The folder of its data and logs. */
  home: string;
  /** The HTTP API of a gateway; of the first one when left out. */
  rest(gateway?: number): Rest;
  /** Resolves when every app says that it is ready. */
  ready(withinMs?: number): Promise<void>;
  /** Ends every process and removes the data. */
  stop(): Promise<void>;
}

export async function startMaru(options: MaruOptions = {}): Promise<Maru> {
  const home = makeTempFolder('maru-e2e-');
  try {
    const env = { LOG_LEVEL: 'warn', ...options.env };
    const stack = await startStack({ ...options, env, home, ports: 'free' });
    return {
      home,
      urls: stack.urls,
      get run() {
        return stack.run;
      },
      processes: stack.processes,
      rest: (gateway = 0) => new Rest(stack.urls[gateway] ?? ''),
      ready: (withinMs = 60_000) => allReady(stack.run, withinMs),
      stop: async () => {
        await stack.stop();
        if (!keep) removeFolder(home);
      },
    };
  } catch (error) {
    if (!keep) removeFolder(home);
    throw error;
  }
}

/** Where every app of a stack is. */
export const appsOf = ({ users, auth, chat, routers, gateways }: RunFile): string[] => [
  users,
  auth,
  ...chat,
  ...routers,
  ...gateways,
];

/** Resolves when every app of a stack says that it is ready. */
export async function allReady(run: RunFile, withinMs = 60_000): Promise<void> {
  for (const url of appsOf(run)) {
    await until(`${url} is ready`, () => isReady(url), withinMs);
  }
}

/** Whether the app at this address says so. */
export async function isReady(url: string, withinMs = 2000): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(withinMs) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}
