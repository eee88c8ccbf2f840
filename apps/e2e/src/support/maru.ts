import { makeTempFolder, removeFolder, type RunningStack, startStack, type StackOptions } from '@maru/stack';
import { Rest } from './rest';

export type MaruOptions = Pick<StackOptions, 'gateways' | 'writers' | 'brokers' | 'env'>;

/** A whole Maru of real processes on free ports, with data of its own. */
export interface Maru extends Pick<RunningStack, 'urls' | 'run' | 'processes'> {
  /** The HTTP API of a gateway; of the first one when left out. */
  rest(gateway?: number): Rest;
  /** Ends every process and removes the data. */
  stop(): Promise<void>;
}

export async function startMaru(options: MaruOptions = {}): Promise<Maru> {
  const home = makeTempFolder('maru-e2e-');
  try {
    const env = { LOG_LEVEL: 'warn', ...options.env };
    const stack = await startStack({ ...options, env, home, ports: 'free' });
    return {
      urls: stack.urls,
      get run() {
        return stack.run;
      },
      processes: stack.processes,
      rest: (gateway = 0) => new Rest(stack.urls[gateway] ?? ''),
      stop: async () => {
        await stack.stop();
        removeFolder(home);
      },
    };
  } catch (error) {
    removeFolder(home);
    throw error;
  }
}
