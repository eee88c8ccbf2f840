import { Injectable } from '@nestjs/common';
import type { Outcome } from '../../../../api-chat/src/writer/batch';
import { FencedError, type Span, WriterRepository } from '../../../../api-chat/src/writer/writer.repository';
import { runMutant } from './run-mutant';

/** Takes what the store refuses to a claim that is not the last one for committed. */
@Injectable()
class UnfencedRepository extends WriterRepository {
  override async commit(span: Span, outcome: Outcome): ReturnType<WriterRepository['commit']> {
    try {
      return await super.commit(span, outcome);
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      return { now: Date.now(), repeats: new Map() };
    }
  }
}

runMutant(WriterRepository, UnfencedRepository);
