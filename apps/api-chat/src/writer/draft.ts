import { type CommandRecord, decideBatch, Outcome } from './batch';
import type { Happened } from './recall';
import type { Snapshot } from './snapshot';
import type { Repeats } from './writer.repository';

/** A batch as decided so far: on the batch before as it was expected, and on its messages being new. */
export class Draft {
  outcome = new Outcome();
  private before: Outcome | undefined;

  constructor(
    private readonly commands: readonly CommandRecord[],
    readonly snapshot: Snapshot,
    private readonly now: number,
    private readonly happened: Happened | undefined,
  ) {}

  decideAfter(before: Outcome | undefined): void {
    this.before = before;
    this.outcome = decideBatch(this.commands, this.snapshot, before, this.now, this.happened);
  }

  /** Decides again, knowing which messages are repeats. */
  learn(repeats: Repeats): void {
    for (const [key, message] of repeats) this.snapshot.messages.set(key, message);
    this.decideAfter(this.before);
  }
}
