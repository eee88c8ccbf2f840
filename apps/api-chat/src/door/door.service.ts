import { Injectable } from '@nestjs/common';
import { CodedError, type Command, type CommandReply, type ReadReply, topics } from '@maru/contracts';
import { RequestClient } from '@maru/kafka-client';

export type Done = Extract<CommandReply, { ok: true }>;

/**
 * Where commands come in over REST: puts them on the log and waits for the writer's answer.
 * A command keeps its id over all resends of its client; `outcome_unknown` says that no answer came in time.
 */
@Injectable()
export class DoorService {
  constructor(private readonly requests: RequestClient) {}

  /** @throws CodedError as the writer refused it, or `outcome_unknown`, `unavailable`, `too_busy`. */
  async ask(command: Command): Promise<Done> {
    const reply = await this.requests.request<CommandReply>({
      topic: topics.chatCommands,
      key: command.roomId,
      type: command.type,
      value: JSON.stringify(command),
    });
    if (!reply.ok) throw CodedError.fromBody(reply.error);
    return reply;
  }

  /** Moves a read marker; answers where it stands then. */
  async read(roomId: string, userId: string, seq: number): Promise<number> {
    const reply = await this.requests.request<ReadReply>({
      topic: topics.chatReads,
      key: roomId,
      type: 'read',
      value: JSON.stringify({ roomId, userId, seq }),
    });
    if (!reply.ok) throw CodedError.fromBody(reply.error);
    return reply.readSeq;
  }
}
