import { Inject, Injectable } from '@nestjs/common';
import type { Kysely } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { History } from '../../../../api-chat/src/archive/history';
import type { Outcome } from '../../../../api-chat/src/writer/batch';
import { EventPublisher } from '../../../../api-chat/src/writer/event-publisher';
import { type Span, WriterRepository } from '../../../../api-chat/src/writer/writer.repository';
import { runMutant } from './run-mutant';

/** Answers the askers before the store has said that it keeps what they asked for. */
@Injectable()
class AckFirstRepository extends WriterRepository {
  constructor(
    @Inject(STORE) store: Kysely<never>,
    history: History,
    private readonly publisher: EventPublisher,
  ) {
    super(store, history);
  }

  override commit(span: Span, outcome: Outcome): ReturnType<WriterRepository['commit']> {
    this.publisher.answer(span.claim.partition, outcome.replies);
    return super.commit(span, outcome);
  }
}

runMutant(WriterRepository, AckFirstRepository);
