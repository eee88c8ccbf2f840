import type { ManagedProcess } from './managed-process';
import type { RunFile } from './run-file';
import { Stack } from './stack';
import type { StackOptions } from './stack-options';

/** A Maru that runs, for tests: its doors, its processes to kill and start, and its end. */
export interface RunningStack {
  /** Where each gateway is. */
  readonly urls: string[];
  /** What run.json says now. */
  readonly run: RunFile;
  /** Each process by its name; `restarts = false` leaves one dead, `stop()` then `start()` keeps it away for a while. */
  readonly processes: ReadonlyMap<string, ManagedProcess>;
  /** Drains and ends everything within 10 s. */
  stop(): Promise<void>;
}

/** Starts a whole Maru from built apps. Resolves when every gateway is ready; rejects with nothing left running. */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const stack = new Stack(options);
  try {
    await stack.check();
    const stores = await Promise.allSettled([
      stack.startKafka(),
      stack.startPostgres(),
      stack.startCassandra(),
    ]);
    const failed = stores.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    await stack.startServices();
    await stack.startGateways();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
