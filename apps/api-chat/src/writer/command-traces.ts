import { beginRecord, type IncomingRecord, Step, type Trace } from '@maru/kafka-client';
import type { Outcome } from './batch';
import { writerGroup } from './writer.config';

/** The traced commands of a batch, from when they are taken until what came of them is published. */
export class CommandTraces {
  /** By the command's offset. */
  private constructor(private readonly steps: ReadonlyMap<number, Step>) {}

  /** Undefined when none of the records is traced, as most often. */
  static of(records: readonly IncomingRecord[]): CommandTraces | undefined {
    let steps: Map<number, Step> | undefined;
    for (const record of records) {
      const step = beginRecord('decide', record, writerGroup);
      if (step === undefined) continue;
      step.tell({ 'messaging.batch.message_count': records.length });
      (steps ??= new Map()).set(record.offset, step);
    }
    return steps && new CommandTraces(steps);
  }

  /** Where what came of the command goes on. */
  at(offset: number): Trace | undefined {
    return this.steps.get(offset)?.trace;
  }

  /** The batch's commit, told once for each of them. @returns what ends it */
  commit(): (error?: unknown) => void {
    const commits = [...this.steps.values()].map(({ place }) => Step.begin('commit', place));
    return (error) => {
      for (const commit of commits) commit.end(error);
    };
  }

  published({ events }: Outcome): void {
    for (const { event, offset } of events)
      this.steps.get(offset)?.tell({ 'maru.room_id': event.roomId, 'maru.seq': event.seq });
    for (const step of this.steps.values()) step.end();
  }

  /** The batch will be decided again, after a new claim. */
  failed(error: unknown): void {
    for (const step of this.steps.values()) step.end(error);
  }
}
