import { Inject, Injectable } from '@nestjs/common';
import {
  type AckBodies,
  type ClientPayload,
  CodedError,
  type Command,
  type CommandOf,
  type CommandReply,
  topics,
} from '@maru/contracts';
import { RequestClient } from '@maru/kafka-client';
import { TokenVerifier } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import type { Connection } from '../core/connection';
import { Drain } from '../core/drain.service';
import { Registry } from '../core/registry';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
import { Registrations } from '../routing/registrations.service';
import { ReadMarks } from './read-marks.service';
import { TypingService } from './typing.service';

type Done = Extract<CommandReply, { ok: true }>;
/** Client events whose command has the same name and content. */
export type MessageAction = 'editMessage' | 'deleteMessage' | 'addReaction' | 'removeReaction';

/**
 * What clients ask over sockets, whatever the protocol. The asker is always the connection's user. Resolves
 * once the writer has answered; `outcome_unknown` says that no answer came in time.
 */
@Injectable()
export class CommandsService {
  constructor(
    private readonly requests: RequestClient,
    private readonly verifier: TokenVerifier,
    private readonly registry: Registry,
    private readonly reads: ReadMarks,
    private readonly typings: TypingService,
    private readonly drain: Drain,
    private readonly registrations: Registrations,
    @Inject(GATEWAY_ENV) private readonly env: Pick<GatewayEnv, 'MAX_OUTSTANDING'>,
  ) {}

  /** A member gets the room's head; another joins first, when the room is public. What this gateway knows of him
   * may be older than his own leaving, so the writer is asked. */
  joinRoom(connection: Connection, { roomId }: ClientPayload<'joinRoom'>): Promise<AckBodies['joinRoom']> {
    return this.counted(connection, async () => {
      const { seq } = await this.ask({ type: 'join', roomId, userId: connection.userId, id: uuidv7() });
      return { roomId, seq };
    });
  }

  leaveRoom(connection: Connection, { roomId }: ClientPayload<'leaveRoom'>): Promise<AckBodies['leaveRoom']> {
    return this.counted(connection, async () => {
      const { seq } = await this.ask({ type: 'leave', roomId, userId: connection.userId, id: uuidv7() });
      return { roomId, seq };
    });
  }

  /** Acked once the message is committed. A client that names its id may send it again without a duplicate. */
  sendMessage(
    connection: Connection,
    payload: ClientPayload<'sendMessage'>,
  ): Promise<AckBodies['sendMessage']> {
    return this.counted(connection, () => this.say(connection.userId, payload));
  }

  /** The same for who counts by himself what waits. */
  async say(userId: string, payload: ClientPayload<'sendMessage'>): Promise<AckBodies['sendMessage']> {
    const { id = uuidv7(), ...said } = payload;
    const done = await this.ask({ ...said, type: 'sendMessage', userId, id });
    const createdAt = done.message?.createdAt ?? '';
    return { id, seq: done.seq, createdAt, ...(done.duplicate ? { duplicate: true as const } : {}) };
  }

  /** What is done to a message that stands in a room; acked once it is committed. */
  act<E extends MessageAction>(
    connection: Connection,
    event: E,
    payload: ClientPayload<E>,
  ): Promise<AckBodies[E]> {
    return this.counted(connection, () => this.change(connection.userId, event, payload));
  }

  /** The same for who counts by himself what waits. */
  async change<E extends MessageAction>(
    userId: string,
    type: E,
    { id = uuidv7(), ...rest }: ClientPayload<E>,
  ): Promise<AckBodies[E]> {
    const { seq } = await this.ask({ ...rest, type, userId, id } as CommandOf<E>);
    return { seq };
  }

  read(connection: Connection, { roomId, seq }: ClientPayload<'read'>): Promise<AckBodies['read']> {
    return this.counted(connection, async () => ({
      readSeq: await this.reads.move(roomId, connection.userId, seq),
    }));
  }

  typing(connection: Connection, { roomId }: ClientPayload<'typing'>): Promise<AckBodies['typing']> {
    return this.counted(connection, async () => {
      await this.typings.tell(connection, roomId);
      return {};
    });
  }

  /** Of this connection alone; his others may say otherwise. */
  presence(connection: Connection, { state }: ClientPayload<'presence'>): Promise<AckBodies['presence']> {
    this.registry.say(connection, state === 'away');
    return Promise.resolve({});
  }

  /** The same user goes on with a newer token. */
  authenticate(
    connection: Connection,
    { token }: ClientPayload<'authenticate'>,
  ): Promise<AckBodies['authenticate']> {
    return this.counted(connection, async () => {
      const identity = await this.verifier.verify(token);
      if (identity.userId !== connection.userId) {
        throw new CodedError('forbidden', 'This token is of another user: open a connection of its own.');
      }
      this.registry.renew(connection, identity);
      return { expiresAt: new Date(identity.expiresAt * 1000).toISOString() };
    });
  }

  private async ask(command: Command): Promise<Done> {
    const reply = await this.requests.request<CommandReply>({
      topic: topics.chatCommands,
      key: command.roomId,
      type: command.type,
      value: JSON.stringify(command),
      // Where the event comes here anyway, a record of its own for the answer would cost as much as the event.
      ...(command.type === 'sendMessage' &&
        this.registrations.hears(command.roomId) && { hearsEvents: true as const }),
    });
    if (!reply.ok) throw CodedError.fromBody(reply.error);
    return reply;
  }

  /** Bounds what one connection may have waiting. */
  private async counted<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
    if (this.drain.ending) throw new CodedError('unavailable');
    if (connection.outstanding >= this.env.MAX_OUTSTANDING) throw new CodedError('too_busy');
    connection.outstanding++;
    try {
      return await work();
    } finally {
      connection.outstanding--;
    }
  }
}
