import type { Outcome } from '../writer/batch';
import { EventPublisher } from '../writer/event-publisher';
import { type Span, WriterRepository } from '../writer/writer.repository';

/** What becomes of one step of the writer: it works, or the line breaks before or after it had its effect. */
export type Fate = 'works' | 'before' | 'after';

/** A writer whose commits and publications fail as `fates` say, each in its turn. */
export function breaking(fates: Fate[]) {
  const through = async <T>(step: () => Promise<T>): Promise<T> => {
    const fate = fates.shift() ?? 'works';
    if (fate === 'before') throw new Error('the line broke before');
    const result = await step();
    if (fate === 'after') throw new Error('the line broke after');
    return result;
  };
  return {
    repository: class extends WriterRepository {
      override commit(span: Span, outcome: Outcome) {
        return through(() => super.commit(span, outcome));
      }
    },
    publisher: class extends EventPublisher {
      override publishOutcome(partition: number, outcome: Outcome) {
        return through(() => super.publishOutcome(partition, outcome));
      }
    },
  };
}
