import { Injectable } from '@nestjs/common';
import { CodedError, type ReadMark, readMark, type ReadReply, type Signal, topics } from '@maru/contracts';
import {
  cloudEventHeaders,
  type IncomingRecord,
  type PartitionQueue,
  ProducerService,
  replyAddress,
  ReplyService,
} from '@maru/kafka-client';
import { v7 as uuidv7 } from 'uuid';
import { keyOf, type Moved, ReadsRepository } from './reads.repository';

export const readsGroup = 'api-chat-reads';

/** Stores read markers in batches beside the writer's way, answers who asked, and tells the room by a signal. */
@Injectable()
export class ReadsService {
  constructor(
    private readonly repository: ReadsRepository,
    private readonly producer: ProducerService,
    private readonly replies: ReplyService,
  ) {}

  /** The worker of one partition of `chat.reads`. */
  async work(queue: PartitionQueue): Promise<void> {
    for (;;) {
      const records = await queue.next(1000);
      await this.take(records);
      queue.commit((records.at(-1)?.offset ?? 0) + 1);
    }
  }

  private async take(records: readonly IncomingRecord[]): Promise<void> {
    const asked = records.map((record) => ({ to: replyAddress(record), mark: parse(record) }));
    const furthest = new Map<string, ReadMark>();
    for (const { mark } of asked) {
      if (mark !== undefined && mark.seq >= (furthest.get(keyOf(mark))?.seq ?? 0))
        furthest.set(keyOf(mark), mark);
    }
    const moved = new Map(
      (await this.repository.move([...furthest.values()])).map((row) => [keyOf(row), row]),
    );
    const answers = asked.flatMap(({ to, mark }) =>
      to === undefined ? [] : [{ to, body: answer(mark, moved) }],
    );
    await Promise.all([
      this.replies.send(answers),
      this.tell([...moved.values()].filter((row) => row.moved)),
    ]);
  }

  private async tell(moved: readonly Moved[]): Promise<void> {
    await Promise.all(
      moved.map(({ roomId, userId, readSeq }) => {
        const signal: Signal = { type: 'read', roomId, userId, seq: readSeq };
        const headers = cloudEventHeaders({ type: 'read', source: '/api-chat', id: uuidv7() });
        return this.producer.send({
          topic: topics.chatSignals,
          key: roomId,
          value: JSON.stringify(signal),
          headers,
        });
      }),
    );
  }
}

/** Markers that are none are worth no dead letter: the client moves its marker again. */
function parse(record: IncomingRecord): ReadMark | undefined {
  try {
    return readMark.parse(JSON.parse(record.value?.toString() ?? ''));
  } catch {
    return undefined;
  }
}

function answer(mark: ReadMark | undefined, moved: Map<string, Moved>): ReadReply {
  const row = mark && moved.get(keyOf(mark));
  if (row !== undefined) return { ok: true, readSeq: row.readSeq };
  return { ok: false, error: new CodedError(mark === undefined ? 'bad_request' : 'not_a_member').toBody() };
}
