import { type RequestOf, type RequestReply, type RequestType, topics } from '@maru/contracts';
import {
  ConsumerService,
  type IncomingRecord,
  type PartitionQueue,
  replyAddress,
  ReplyService,
  type RunningSubscription,
} from '@maru/kafka-client';
import { v7 as uuidv7 } from 'uuid';
import type { GatewayRig } from './gateway-rig';

type Request = RequestOf<RequestType>;

/** Stands where the services are that own what is asked beside a stream: answers as a test says. */
export class Owners {
  readonly asked: { topic: string; key: string | null; type: string | undefined; value: Request }[] = [];
  /** `undefined`: no answer at all. */
  answer: (value: Request) => Promise<RequestReply | undefined> | RequestReply | undefined = () => ({
    ok: true,
    answer: { items: [] },
  });
  private running: RunningSubscription | undefined;

  constructor(private readonly rig: GatewayRig) {}

  async start(): Promise<this> {
    this.running = await this.rig.app.get(ConsumerService).subscribe({
      group: `test-owners.${uuidv7()}`,
      topics: [topics.usersRequests, topics.authRequests, topics.chatRequests],
      fromBeginning: false,
      worker: (queue) => this.work(queue),
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }

  private async work(queue: PartitionQueue): Promise<void> {
    for (;;) for (const record of await queue.next(100)) void this.take(record);
  }

  private async take(record: IncomingRecord): Promise<void> {
    const { topic, key, headers } = record;
    const value = JSON.parse(record.value?.toString() ?? '') as Request;
    this.asked.push({ topic, key, type: headers['ce_type'], value });
    const body = await this.answer(value);
    const to = replyAddress(record);
    if (to && body) await this.rig.app.get(ReplyService).send([{ to, body }]);
  }
}
