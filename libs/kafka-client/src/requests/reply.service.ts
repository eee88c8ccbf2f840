import type { ProducerService } from '../producer/producer.service';
import { type ReplyAddress, replyHeaders } from './reply-address';

export interface Reply {
  to: ReplyAddress;
  body: unknown;
}

/** A record of replies is cut here, well below what a broker takes. */
const RECORD_CHARS = 200_000;

/** Answers requests: the replies of one call to one asker travel in one record, `[{id, body}, …]`. */
export class ReplyService {
  constructor(
    private readonly producer: ProducerService,
    private readonly topic = 'replies',
  ) {}

  /** Resolves when all are on the log. A lost reply is harmless: its asker asks again. A slot that there is not is
   * nobody's: who wrote it waits for nothing. */
  async send(replies: Reply[]): Promise<void> {
    if (replies.length === 0) return;
    const slots = await this.producer.partitionCount(this.topic);
    const perAsker = new Map<string, Reply[]>();
    for (const reply of replies) {
      if (reply.to.slot >= slots) continue;
      const list = perAsker.get(reply.to.asker);
      if (list) list.push(reply);
      else perAsker.set(reply.to.asker, [reply]);
    }
    await Promise.all([...perAsker.values()].flatMap((list) => this.records(list)));
  }

  private records(replies: Reply[]): Promise<unknown>[] {
    const [first] = replies;
    if (!first) return [];
    const { asker, slot } = first.to;
    const values: string[] = [];
    let parts: string[] = [];
    let size = 0;
    for (const { to, body } of replies) {
      const part = JSON.stringify({ id: to.id, body });
      if (size > 0 && size + part.length > RECORD_CHARS) {
        values.push(`[${parts.join()}]`);
        parts = [];
        size = 0;
      }
      parts.push(part);
      size += part.length;
    }
    values.push(`[${parts.join()}]`);
    return values.map((value) =>
      this.producer.send({
        topic: this.topic,
        key: String(slot),
        partition: slot,
        value,
        headers: replyHeaders(asker),
      }),
    );
  }
}
