import type { ManagedProcess } from './managed-process';

/** Doors stop first and what they write to last. */
const order = ['gateways', 'services', 'stores'] as const;
export type Rank = (typeof order)[number];

/** How long each process of a rank may take to drain: three ranks stay below the 10 s that Ctrl-C may take. */
const stopWithinMs = 3_000;

/** All processes of a stack in the order in which they stop. */
export class Ranks {
  readonly byName = new Map<string, ManagedProcess>();
  private readonly rows: Record<Rank, ManagedProcess[]> = { gateways: [], services: [], stores: [] };
  private stopping: Promise<void> | undefined;

  /** Starts a row side by side; resolves when each serves, rejects at the end when one does not. */
  async start(rank: Rank, row: ManagedProcess[], launched: () => void): Promise<void> {
    if (this.stopping) return;
    this.rows[rank].push(...row);
    for (const one of row) this.byName.set(one.name, one);
    const started = row.map(async (one) => {
      await one.launch();
      launched();
      await one.start();
    });
    const failed = (await Promise.allSettled(started)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** From here on nothing starts; resolves when no process is left. */
  stop(): Promise<void> {
    return (this.stopping ??= this.stopInOrder());
  }

  get stopped(): boolean {
    return this.stopping !== undefined;
  }

  private async stopInOrder(): Promise<void> {
    for (const rank of order) await Promise.all(this.rows[rank].map((one) => one.stop(stopWithinMs)));
  }
}
