import type { ProducerService } from '../producer/producer.service';
import type { ReplyAddress } from './reply-address';

export interface Reply {
  to: ReplyAddress;
  body: unknown;
}

export class ReplyService {
  constructor(
    protected readonly producer: ProducerService,
    protected readonly topic = 'replies',
  ) {}

  /** Sends replies, one record an asker. */
  async send(replies: Reply[]): Promise<void> {
    throw new Error(`not yet ${replies.length}`);
  }
}
