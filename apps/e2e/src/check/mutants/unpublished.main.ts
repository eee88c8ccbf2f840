import { Injectable } from '@nestjs/common';
import type { Outcome } from '../../../../api-chat/src/writer/batch';
import { EventPublisher } from '../../../../api-chat/src/writer/event-publisher';
import { runMutant } from './run-mutant';

const every = 20;

/** Answers every batch, and leaves the events of one in twenty off `chat.events`. */
@Injectable()
class ForgetfulPublisher extends EventPublisher {
  private batches = 0;

  override async publishOutcome(partition: number, outcome: Outcome): Promise<void> {
    const { events, replies } = outcome;
    if (events.length === 0 || ++this.batches % every !== 0) return super.publishOutcome(partition, outcome);
    this.answer(partition, replies);
  }
}

runMutant(EventPublisher, ForgetfulPublisher);
