import { type Command, type CommandReply, type ReadMark, type ReadReply, topics } from '@maru/contracts';
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

type Answer = CommandReply | ReadReply | undefined;

/** Stands on the other side of the log, where api-chat is: answers what arrives there as a test says. */
export class Writer {
  readonly commands: Command[] = [];
  readonly marks: ReadMark[] = [];
  /** `undefined`: no answer at all. */
  answer: (asked: Command | ReadMark, record: IncomingRecord) => Promise<Answer> | Answer = () => ({
    ok: true,
    seq: 1,
    readSeq: 1,
  });
  private running: RunningSubscription | undefined;

  constructor(private readonly rig: GatewayRig) {}

  async start(): Promise<this> {
    this.running = await this.rig.app.get(ConsumerService).subscribe({
      group: `test-writer.${uuidv7()}`,
      topics: [topics.chatCommands, topics.chatReads],
      fromBeginning: false,
      worker: (queue) => this.work(queue),
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }

  /** Resolves when `count` commands have arrived. */
  async until(count: number): Promise<void> {
    while (this.commands.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  private async work(queue: PartitionQueue): Promise<void> {
    for (;;) for (const record of await queue.next(100)) void this.take(record);
  }

  private async take(record: IncomingRecord): Promise<void> {
    const asked = JSON.parse(record.value?.toString() ?? '') as Command | ReadMark;
    if ('type' in asked) this.commands.push(asked);
    else this.marks.push(asked);
    const body = await this.answer(asked, record);
    const to = replyAddress(record);
    if (to && body) await this.rig.app.get(ReplyService).send([{ to, body }]);
  }
}
