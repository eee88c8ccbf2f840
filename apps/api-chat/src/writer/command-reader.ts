import { Injectable } from '@nestjs/common';
import { CodedError, command, topics } from '@maru/contracts';
import {
  DeadLetters,
  type IncomingRecord,
  partitionOf,
  ProducerService,
  replyAddress,
  ReplyService,
} from '@maru/kafka-client';
import type { CommandRecord } from './batch';
import { writerGroup } from './writer.config';

/** A record, and the command in it or why there is none. */
export interface ReadRecord {
  record: IncomingRecord;
  command: CommandRecord | CodedError;
}

/** Reads commands off records. What is none is refused to its asker, and kept as a dead letter for people. */
@Injectable()
export class CommandReader {
  constructor(
    private readonly producer: ProducerService,
    private readonly replies: ReplyService,
    private readonly deadLetters: DeadLetters,
  ) {}

  async read(records: readonly IncomingRecord[], partition: number): Promise<ReadRecord[]> {
    const count = await this.producer.partitionCount(topics.chatCommands);
    return records.map((record) => ({ record, command: parse(record, partition, count) }));
  }

  async deadLetter(record: IncomingRecord, cause: unknown): Promise<void> {
    await this.deadLetters.add(writerGroup, record, cause);
    const to = replyAddress(record);
    if (to === undefined) return;
    const error = cause instanceof CodedError ? cause : new CodedError('internal');
    await this.replies.send([{ to, body: { ok: false, error: error.toBody() } }]);
  }
}

function parse(record: IncomingRecord, partition: number, count: number): CommandRecord | CodedError {
  let value: unknown;
  try {
    value = JSON.parse(record.value?.toString() ?? '');
  } catch {
    return new CodedError('invalid_json', 'The command is not valid JSON.');
  }
  const result = command.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    return new CodedError(
      'bad_request',
      `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a command'}`,
    );
  }
  // A room has one writer only because all its commands lie in one partition.
  if (record.key !== result.data.roomId || partitionOf(record.key, count) !== partition) {
    return new CodedError(
      'bad_request',
      'The key must be the roomId, and lie in the partition that murmur2 gives it.',
    );
  }
  return {
    offset: record.offset,
    appendedAt: record.timestamp,
    command: result.data,
    replyTo: replyAddress(record),
  };
}
